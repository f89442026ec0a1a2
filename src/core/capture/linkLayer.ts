// Finds the IP header behind the link layer of each packet. Numbers are those of https://www.tcpdump.org/linktypes.html

const linkNull = 0;
const linkEthernet = 1;
const linkRaw = 101;
const linkLoop = 108;
const linkLinuxCooked = 113;
const linkIpv4 = 228;
const linkIpv6 = 229;
const linkLinuxCooked2 = 276;
/** What LINKTYPE_RAW was before it had a number of its own: 12, on OpenBSD 14. */
const linkRawOld = [12, 14];

const typeIpv4 = 0x0800;
const typeIpv6 = 0x86dd;
/** 802.1Q, 802.1ad (QinQ), and the number that QinQ had before it was standardised. */
const vlanTypes = [0x8100, 0x88a8, 0x9100];
/** One more than anybody stacks. */
const maxVlanTags = 8;

/** AF_INET is 2 everywhere; AF_INET6 is 10 on Linux, 23 on Windows, 24 on NetBSD and OpenBSD, 28 on FreeBSD, 30 on macOS. */
const families = [2, 10, 23, 24, 28, 30];

/** The packet is not IP. */
export const notIp = -1;
/** The link type is not one that is read. */
export const notRead = -2;
/** The packet ends before its link layer does. */
export const tooShort = -3;

/** @returns where the IP header starts in [start, end), or one of the negative numbers above */
export function ipStart(linkType: number, bytes: Uint8Array, start: number, end: number): number {
  switch (linkType) {
    case linkEthernet:
      return behindType(bytes, start + 12, end);
    case linkRaw:
    case linkIpv4:
    case linkIpv6:
    case linkRawOld[0]:
    case linkRawOld[1]:
      return start < end ? start : tooShort;
    case linkNull:
    case linkLoop:
      return behindFamily(bytes, start, end);
    case linkLinuxCooked:
      return behindType(bytes, start + 14, end);
    case linkLinuxCooked2:
      // The type stands first; the packet follows a header of 20 bytes.
      return behindType(bytes, start, end, start + 20);
    default:
      return notRead;
  }
}

/** Steps over VLAN tags: 2 bytes of tag, then the type of what follows. */
function behindType(bytes: Uint8Array, typeAt: number, end: number, next = typeAt + 2): number {
  if (end < next) return tooShort;
  let type = (bytes[typeAt]! << 8) | bytes[typeAt + 1]!;
  let at = next;
  for (let tags = 0; vlanTypes.includes(type); tags++) {
    if (maxVlanTags <= tags) return notIp;
    if (end < at + 4) return tooShort;
    type = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    at += 4;
  }
  return type === typeIpv4 || type === typeIpv6 ? at : notIp;
}

/** The family is in the byte order of the machine that captured, which may be either. */
function behindFamily(bytes: Uint8Array, start: number, end: number): number {
  if (end < start + 4) return tooShort;
  const [a, b, c, d] = [bytes[start]!, bytes[start + 1]!, bytes[start + 2]!, bytes[start + 3]!];
  const isFamily = (b === 0 && c === 0 && ((d === 0 && families.includes(a)) || (a === 0 && families.includes(d))));
  return isFamily ? start + 4 : notIp;
}
