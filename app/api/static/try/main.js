// Show the contract of this service in Swagger UI. It asks nobody outside: the validator that it
// would send the contract to is switched off.
const place = document.getElementById("swagger-ui");

async function readContract() {
  const reply = await fetch(place.dataset.contract);
  if (!reply.ok) throw new Error(`The contract cannot be read: ${reply.status}`);
  const contract = await reply.json();
  for (const call of Object.values(contract.paths).flatMap(Object.values)) {
    // Swagger UI fills in both, and the service refuses an option that comes twice.
    if (call.requestBody) delete call.parameters;
  }
  return contract;
}

try {
  SwaggerUIBundle({
    domNode: place,
    spec: await readContract(),
    validatorUrl: null,
    deepLinking: true,
    tryItOutEnabled: true,
    defaultModelsExpandDepth: 0,
  });
} catch (error) {
  place.textContent = error.message;
}
