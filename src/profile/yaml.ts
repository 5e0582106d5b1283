/** yaml is CommonJS: named exports survive the bundler only through a static import, and this file is imported lazily. */
export { LineCounter, parseDocument } from "yaml";
