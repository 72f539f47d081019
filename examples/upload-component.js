// <logo-upload service="https://logos.example.org"></logo-upload>
//
// It sends a chosen picture to the service, shows the type, and dispatches what others may listen to:
//   logo-classified  its detail is {file, answer}
//   logo-refused     its detail is {file, message}
// Without `service` it asks the page's own site. Another one must name the page's site in
// LOGO_CORS_ORIGINS.

class LogoUpload extends HTMLElement {
  #latest = 0; // an answer that comes after a later choice is dropped

  connectedCallback() {
    if (this.shadowRoot) return; // the element was moved
    this.attachShadow({mode: "open"}).innerHTML = `
      <label><slot>Logo</slot> <input type="file" accept="image/*"></label>
      <output></output>`;
    const input = this.shadowRoot.querySelector("input");
    input.addEventListener("change", () => input.files.length && this.#send(input.files[0]));
  }

  async #send(file) {
    const turn = (this.#latest += 1);
    const output = this.shadowRoot.querySelector("output");
    output.textContent = "…";
    let told;
    try {
      const answer = await this.#ask(file);
      told = [answer.logo_type, "logo-classified", {file, answer}];
    } catch (error) {
      told = [error.message, "logo-refused", {file, message: error.message}];
    }
    if (turn !== this.#latest) return;
    const [words, name, detail] = told;
    output.textContent = words;
    this.dispatchEvent(new CustomEvent(name, {detail, bubbles: true}));
  }

  async #ask(file) {
    const form = new FormData();
    form.append("image", file);
    const service = this.getAttribute("service") ?? "";
    let reply;
    try {
      reply = await fetch(`${service}/classify`, {method: "POST", body: form});
    } catch { // a browser does not tell a page why it got no reply
      throw new Error(`no reply: does the service run, and may ${location.origin} call it?`);
    }
    if (!reply.headers.get("Content-Type")?.includes("json")) {
      throw new Error(`a proxy in between says ${reply.status}`);
    }
    const answer = await reply.json();
    if (!reply.ok) throw new Error(answer.detail);
    return answer;
  }
}

customElements.define("logo-upload", LogoUpload);
