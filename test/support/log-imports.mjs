// Loaded with --import: writes the URL of every module that Node loads to the file named in LOG_IMPORTS, a line each.
import { register } from "node:module";

register("./log-imports-hooks.mjs", import.meta.url, { data: process.env.LOG_IMPORTS });
