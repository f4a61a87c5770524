#!/usr/bin/env bash
# certs/generate.sh: makes the keys and certificates of this folder anew. Whatever was made of the old
# ones (the documents in ../metadata, for one) must then be made anew too.
set -euo pipefail
cd "$(dirname "$0")"

# pair FOLDER NAME COMMON-NAME
pair() {
    local key=$1/$2.key certificate=$1/$2.crt
    openssl req -x509 -newkey rsa:2048 -noenc -sha256 -days 7305 \
        -subj "/O=NEVER FOR PRODUCTION/CN=$3" \
        -addext 'basicConstraints=critical,CA:FALSE' \
        -addext 'keyUsage=critical,digitalSignature,keyEncipherment' \
        -keyout "$key" -out "$certificate" 2>/dev/null
    for file in "$key" "$certificate"; do
        { echo 'Everybody has this key. For development and tests alone, NEVER FOR PRODUCTION.'; cat "$file"; } >"$file.new"
        mv "$file.new" "$file"
    done
    chmod 644 "$key"
}

mkdir -p dev rotation
pair dev idp 'development identity provider'
pair dev sp 'development service provider'
pair rotation old 'signing key before a rotation'
pair rotation new 'signing key after a rotation'
