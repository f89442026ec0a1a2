// Whether the page shows a capture file or running traffic: some words differ in the smallest parts of it.

export const shown = { isFile: false };
