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
  /** what went from the front because there is more than is kept: connections, and pieces of those that are listed */
  forgotten: { flows: number; chunks: number };
  /** why the file was not read to its end; what comes before is there */
  problem?: {
    /** a whole sentence */
    message: string;
    /** byte offset in the file of what could not be read */
    offset?: number;
  };
}

/** The same as a page shows it. */
export interface ShownFile extends CaptureFileState {
  /** what happened to the file since reading began */
  since?: 'changed' | 'deleted';
}

/** A file that could not be opened, or is not yet. */
export function unreadFile(name: string, more: Partial<CaptureFileState> = {}): CaptureFileState {
  return {
    name, size: 0, read: 0, isDone: false, packets: 0,
    notDecoded: { linkType: 0, noInterface: 0, notIp: 0, notTcp: 0, fragment: 0, malformed: 0, late: 0 },
    unreadLinkTypes: [],
    forgotten: { flows: 0, chunks: 0 },
    ...more,
  };
}
