// Loaded into every Node under Wine: Wine 8 does not know TCP_KEEPALIVE, and with it no connection is made.
process.binding("tcp_wrap").TCP.prototype.setKeepAlive = () => 0;
