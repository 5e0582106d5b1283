/** Most dollars and tokens, of one run and of a day. */
export interface Budget {
	dollars?: number | undefined;
	tokens?: number | undefined;
	perDay?: { dollars?: number | undefined; tokens?: number | undefined } | undefined;
}
