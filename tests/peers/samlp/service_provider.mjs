// What a service provider's metadata says: its entity ID, the ACS for HTTP-POST, where logout messages go
// by HTTP-Redirect, and the certificates it signs with (SAML Metadata 2.4.4). Nothing else is believed of
// it.

import { DOMParser } from '@xmldom/xmldom';
import xpath from 'xpath';

const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';
const POST = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';
const select = xpath.useNamespaces({
  md: 'urn:oasis:names:tc:SAML:2.0:metadata',
  ds: 'http://www.w3.org/2000/09/xmldsig#',
});

export function readServiceProvider(metadata) {
  const document = new DOMParser().parseFromString(metadata, 'text/xml');
  const entity = document.documentElement;
  const sp = '/md:EntityDescriptor/md:SPSSODescriptor';
  const acs = select(`string(${sp}/md:AssertionConsumerService[@Binding="${POST}"]/@Location)`, document);
  if (!acs) throw new Error('the metadata has no AssertionConsumerService for HTTP-POST');
  const slo = select(`string(${sp}/md:SingleLogoutService[@Binding="${REDIRECT}"]/@Location)`, document);
  const certificates = select(
    `${sp}/md:KeyDescriptor[not(@use) or @use="signing"]/ds:KeyInfo/ds:X509Data/ds:X509Certificate`,
    document,
  ).map((node) => node.textContent.replace(/\s+/g, ''));
  return { entityId: entity.getAttribute('entityID'), acs, slo, certificates };
}
