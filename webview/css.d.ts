// Style sheets are imported for their effect: esbuild puts them into the page's .css file.
declare module '*.css';
