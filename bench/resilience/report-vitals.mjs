// Imported into the measured process: reports its memory and its open handles when it is asked.
process.on("message", () => {
	const { rss, heapUsed } = process.memoryUsage();
	process.send({ rss, heapUsed, handles: process.getActiveResourcesInfo().length });
});
process.channel.unref();
