/** Forms in which servers name one field. */
export const ONE_FIELD: readonly ((name: string) => unknown)[] = [
	(name) => `${name}: Extra inputs are not permitted`,
	(name) => `API Error: 400 ${name}: Extra inputs are not permitted`,
	(name) => `Unsupported parameter: '${name}' is not supported with this model.`,
	(name) => `Unknown parameter: '${name}'.`,
	(name) => `Unrecognized request argument supplied: ${name}`,
	(name) => `The parameter \`${name}\` is not supported by this model`,
	(name) => `property '${name}' is unsupported`,
	(name) => `body.${name}: property 'body.${name}' is unsupported`,
	(name) => `Argument not supported on this model: ${name}`,
	(name) => `Model x-1.2 does not support parameter ${name}.`,
	(name) => `Malformed input request: #: extraneous key [${name}] is not permitted, please reformat your input`,
	(name) => `Validation error at #/${name}: Extra inputs are not permitted`,
	(name) => `Invalid JSON payload received. Unknown name "${name}": Cannot find field.`,
	(name) => `Extra inputs are not permitted, field: '${name}', value: 100`,
	(name) => `json: unknown field "${name}"`,
	(name) => `unknown field \`${name}\`, expected one of \`model\`, \`messages\` at line 1 column 5`,
	(name) => `create() got an unexpected keyword argument '${name}'`,
	(name) =>
		`1 validation error for Request ${name} Extra inputs are not permitted [type=extra_forbidden, input_value={'unknown parameter': 'x'}, input_type=dict]`,
	(name) => `'type': 'extra_forbidden', 'loc': ('body', '${name}'), 'msg': 'Extra inputs are not permitted'`,
	(name) => ({
		detail: [
			{
				type: "extra_forbidden",
				loc: ["body", name],
				msg: "Extra inputs are not permitted",
				input: "unknown parameter 'x'",
			},
		],
	}),
	(name) => ({
		error: { message: "Invalid request", type: "invalid_request_error", param: name, code: "unknown_parameter" },
	}),
	(name) => ({ error: { message: `{"message":"${name}: Extra inputs are not permitted"}`, type: "error" } }),
	(name) => ({
		error: {
			message: "Provider returned error",
			metadata: { raw: JSON.stringify({ error: { message: "no", param: name } }) },
		},
	}),
];
