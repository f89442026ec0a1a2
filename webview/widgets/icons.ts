// A handful of 16-pixel line icons, drawn here: an icon font would cost more than all of this page.

const svgNamespace = 'http://www.w3.org/2000/svg';

const paths = {
  pause: 'M5 3v10M11 3v10',
  play: 'M4.5 3l8 5-8 5z',
  clear: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 0 0 0-11zM4.2 4.2l7.6 7.6',
  close: 'M4 4l8 8M12 4l-8 8',
  search: 'M7 3a4 4 0 1 0 0 8a4 4 0 0 0 0-8zM10 10l3.5 3.5',
  toEnd: 'M8 2.5v8M4.5 7.5L8 11l3.5-3.5M3.5 13.5h9',
  file: 'M4 2.5h5l3 3v8H4zM9 2.5v3h3',
  add: 'M8 3v10M3 8h10',
  copy: 'M5.5 5.5h7v8h-7zM3.5 10.5v-8h7',
  up: 'M8 13V3.5M4.5 7L8 3.5L11.5 7',
  down: 'M8 3v9.5M4.5 9L8 12.5L11.5 9',
  view: 'M2.5 4h11M2.5 8h11M2.5 12h11M6 2.5v3M10.5 6.5v3M4.5 10.5v3',
  save: 'M8 2.5v8M4.5 7L8 10.5L11.5 7M3 13.5h10',
  export: 'M9 3h4v4M13 3L7.5 8.5M11.5 9.5v3.5H3V4.5h3.5',
  right: 'M3 8h9M9 5l3 3-3 3',
  left: 'M13 8H4M7 5L4 8l3 3',
  bookmark: 'M4.5 2.5h7v11l-3.5-3l-3.5 3z',
  more: 'M3 8h.9M7.6 8h.9M12.2 8h.9',
  refresh: 'M12.5 6A5 5 0 1 0 13 9M13 2.5V6H9.5',
} as const;

export type IconName = keyof typeof paths;

/** @returns a decorative icon in the text's colour; what it means must stand in the label of the control around it */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(svgNamespace, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', 'icon');
  const path = document.createElementNS(svgNamespace, 'path');
  path.setAttribute('d', paths[name]);
  svg.append(path);
  return svg;
}
