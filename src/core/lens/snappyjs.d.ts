declare module 'snappyjs' {
  /** @throws when the bytes are no Snappy block or would be longer than `maxLength` */
  export function uncompress(compressed: Uint8Array, maxLength?: number): Uint8Array;
}
