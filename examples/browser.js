// The types of chosen logos, on a page of another site than the service's.
// The service must name this page's site: LOGO_CORS_ORIGINS=http://127.0.0.1:8080

const SERVICE = "http://127.0.0.1:8000";
const TRIES = 3;
const AT_ONCE = 3;

// A browser does not tell a page why it got no reply.
const UNHEARD = `no reply: does ${SERVICE} run, and does its LOGO_CORS_ORIGINS name ${location.origin}?`;

async function send(form) {
  try {
    return await fetch(`${SERVICE}/classify`, {method: "POST", body: form});
  } catch {
    throw new Error(UNHEARD);
  }
}

async function classify(file) {
  const form = new FormData();
  form.append("image", file); // set no Content-Type: the browser adds the boundary
  for (let left = TRIES; ; left -= 1) {
    const reply = await send(form);
    const wait = Number(reply.headers.get("Retry-After"));
    if ([429, 503].includes(reply.status) && wait > 0 && left > 1) {
      await new Promise((resolve) => setTimeout(resolve, wait * 1000));
      continue;
    }
    if (!reply.headers.get("Content-Type")?.includes("json")) {
      throw new Error(`a proxy in between says ${reply.status}`);
    }
    const answer = await reply.json();
    if (!reply.ok) throw new Error(answer.detail);
    return answer;
  }
}

function describe(answer) {
  const others = answer.prediction_set.filter((kind) => kind !== answer.logo_type);
  return [`${answer.logo_type}, ${Math.round(100 * answer.confidence)} %`, ...others].join(", or ");
}

function addRow(file) {
  const picture = document.createElement("img");
  picture.alt = "";
  picture.src = URL.createObjectURL(file);
  picture.onload = picture.onerror = () => URL.revokeObjectURL(picture.src);
  const words = document.createElement("span");
  words.textContent = `${file.name}: …`;
  const row = document.createElement("li");
  row.append(picture, words);
  document.querySelector("#answers").append(row);
  return words;
}

async function tell(file, words) {
  try {
    words.textContent = `${file.name}: ${describe(await classify(file))}`;
  } catch (error) {
    words.textContent = `${file.name}: ${error.message}`;
    words.className = "refused";
  }
}

document.querySelector("#files").addEventListener("change", ({target}) => {
  const waiting = [...target.files].map((file) => [file, addRow(file)]);
  const takeTurns = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await tell(...next);
  };
  for (let lane = 0; lane < AT_ONCE; lane += 1) takeTurns();
});
