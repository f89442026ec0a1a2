// A capture file that is looked at: how far it was read, and what of it cannot be shown.

/** Why a packet is not part of a conversation. */
export type NotDecoded =
  /** its link type is not one that is read */
  | 'linkType'
  /** its interface is not described in its section */
  | 'noInterface'
  | 'notIp'
  | 'notTcp'
  /** a piece of a fragmented packet whose other pieces are not in the file */
  | 'fragment'
  /** lengths that contradict each other, or a header that was cut off */
  | 'malformed'
  /** bytes after the end of their connection, or only the end of one that the file does not hold */
  | 'late';

/** A whole snapshot: a later one replaces it. */
export interface CaptureFileState {
  name: string;
  /** bytes of the file when it was opened */
  size: number;
  /** bytes read so far */
  read: number;
  /** nothing more is read */
  isDone: boolean;
  /** packets so far */
  packets: number;
  /** of the packets, once the file was read */
  notDecoded: Record<NotDecoded, number>;
  /** link types that are not read, as numbers of the registry */
  unreadLinkTypes: number[];
  /** why the file was not read to its end; what comes before is there */
  problem?: {
    /** a whole sentence */
    message: string;
    /** byte offset in the file of what could not be read */
    offset?: number;
  };
}
