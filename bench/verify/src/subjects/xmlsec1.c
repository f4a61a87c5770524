/* What a program in C does that verifies a response with the xmlsec1 library: base64, one parse, decryption
 * where the assertion is encrypted, and every signature that stands in the response or in its assertion. It
 * reads nothing else of the message and knows no rule of SAML. The keys are read once. */

#include <stdlib.h>

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <openssl/evp.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/keysmngr.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlenc.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

static const xmlChar SAML[] = "urn:oasis:names:tc:SAML:2.0:assertion";

struct verifier {
    xmlSecKeyPtr idp;
    xmlSecKeysMngrPtr own;
    xmlSecByte *message;
};

/* Once for each process. samael begins the library once more where it is compared in the same process, of
 * which the library complains on standard error though nothing comes of it: what fails is seen here anyway. */
static int begin(void) {
    static int begun = 0;
    if (begun) {
        return 0;
    }
    xmlSecErrorsDefaultCallbackEnableOutput(0);
    xmlInitParser();
    begun = xmlSecInit() == 0 && xmlSecCryptoAppInit(NULL) == 0 && xmlSecCryptoInit() == 0;
    return begun ? 0 : -1;
}

/* The key of the signer is read from `trusted`: a certificate, or a bare public key. `own` may be null. */
struct verifier *verifier_open(const char *trusted, size_t trusted_size, int is_certificate,
                               const char *own, size_t own_size, size_t field_size) {
    struct verifier *it = calloc(1, sizeof *it);
    xmlSecKeyDataFormat format =
        is_certificate ? xmlSecKeyDataFormatCertPem : xmlSecKeyDataFormatPem;
    if (it == NULL || begin() < 0) {
        return NULL;
    }
    it->idp = xmlSecCryptoAppKeyLoadMemory((const xmlSecByte *)trusted, trusted_size, format, NULL,
                                           NULL, NULL);
    it->own = xmlSecKeysMngrCreate();
    it->message = malloc(field_size);
    if (it->idp == NULL || it->own == NULL || it->message == NULL ||
        xmlSecCryptoAppDefaultKeysMngrInit(it->own) < 0) {
        return NULL;
    }
    if (own != NULL) {
        xmlSecKeyPtr key = xmlSecCryptoAppKeyLoadMemory((const xmlSecByte *)own, own_size,
                                                        xmlSecKeyDataFormatPem, NULL, NULL, NULL);
        if (key == NULL || xmlSecCryptoAppDefaultKeysMngrAdoptKey(it->own, key) < 0) {
            return NULL;
        }
    }
    return it;
}

/* How many signatures an element has that hold: none or one; -1 for one that does not. */
static int signature_of(const struct verifier *it, xmlNodePtr element) {
    xmlNodePtr signature = xmlSecFindChild(element, xmlSecNodeSignature, xmlSecDSigNs);
    if (signature == NULL) {
        return 0;
    }
    xmlAttrPtr id = xmlHasProp(element, BAD_CAST "ID");
    xmlSecDSigCtxPtr context = xmlSecDSigCtxCreate(NULL);
    if (id == NULL || context == NULL) {
        return -1;
    }
    xmlChar *value = xmlNodeListGetString(element->doc, id->children, 1);
    xmlAddID(NULL, element->doc, value, id);
    xmlFree(value);
    /* The context owns its key, so that each use needs a copy. */
    context->signKey = xmlSecKeyDuplicate(it->idp);
    int held = context->signKey != NULL && xmlSecDSigCtxVerify(context, signature) == 0 &&
               context->status == xmlSecDSigStatusSucceeded;
    xmlSecDSigCtxDestroy(context);
    return held ? 1 : -1;
}

/* Puts the assertion in the place of its ciphertext. */
static xmlNodePtr decrypted(const struct verifier *it, xmlNodePtr encrypted) {
    xmlNodePtr data = xmlSecFindChild(encrypted, xmlSecNodeEncryptedData, xmlSecEncNs);
    xmlSecEncCtxPtr context = xmlSecEncCtxCreate(it->own);
    int done = data != NULL && context != NULL && xmlSecEncCtxDecrypt(context, data) == 0;
    xmlSecEncCtxDestroy(context);
    return done ? xmlSecFindChild(encrypted, BAD_CAST "Assertion", SAML) : NULL;
}

static int signatures(const struct verifier *it, xmlDocPtr document) {
    xmlNodePtr root = xmlDocGetRootElement(document);
    xmlNodePtr assertion = xmlSecFindChild(root, BAD_CAST "Assertion", SAML);
    xmlNodePtr encrypted = xmlSecFindChild(root, BAD_CAST "EncryptedAssertion", SAML);
    int of_root = signature_of(it, root);
    if (encrypted != NULL) {
        assertion = decrypted(it, encrypted);
    }
    int of_assertion = assertion == NULL ? -1 : signature_of(it, assertion);
    return of_root < 0 || of_assertion < 0 ? -1 : of_root + of_assertion;
}

/* How many signatures of the message hold; negative where one does not. */
int verifier_verify(const struct verifier *it, const char *field, size_t size) {
    int length = EVP_DecodeBlock(it->message, (const unsigned char *)field, (int)size);
    while (size > 0 && field[size - 1] == '=') {
        length--;
        size--;
    }
    xmlDocPtr document =
        xmlReadMemory((const char *)it->message, length, NULL, NULL, XML_PARSE_NONET);
    if (document == NULL) {
        return -1;
    }
    int held = signatures(it, document);
    xmlFreeDoc(document);
    return held;
}

/* The versions of the libraries that are linked. */
const char *verifier_xmlsec_version(void) { return XMLSEC_VERSION; }
const char *verifier_libxml_version(void) { return LIBXML_DOTTED_VERSION; }
