import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A key and a certificate for 127.0.0.1, made by openssl in the folder. `file` is the certificate. */
export function selfSigned(folder: string): { key: string; cert: string; file: string } {
	const options = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"];
	const files = ["-keyout", `${folder}/key.pem`, "-out", `${folder}/cert.pem`];
	execFileSync("openssl", [...options, "-addext", "subjectAltName=IP:127.0.0.1", ...files], { stdio: "ignore" });
	const file = `${folder}/cert.pem`;
	return { key: readFileSync(`${folder}/key.pem`, "utf8"), cert: readFileSync(file, "utf8"), file };
}
