// Stands in the bundle for what cc-any never calls: see `alias` in build.mjs.
module.exports = () => {
	throw new Error("this part of a library is not in the bundle of cc-any");
};
