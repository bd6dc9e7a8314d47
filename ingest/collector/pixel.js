// What a client's pages load: reports the page view, fires the partner syncs, and ties hashed
// identifiers to the browser. Plain ES2019, stores nothing, needs nothing. script.py fills in
// SETTINGS for one site.
(() => {
  "use strict";
  const settings = SETTINGS;
  const api = (window.matchbook = window.matchbook || []);
  if (api.identify) return;
  const home = new URL(document.currentScript.src).origin;
  const token = takeToken();
  const missing = new Set(Object.keys(settings.partners));
  // {allowed, said}: may more than the page view be sent, and what every call says.
  let consent;
  // The first call: it may set our cookie, and two at once would set two.
  let opening;
  let decide;
  const decided = new Promise((resolve) => (decide = resolve));

  // A mail link's token: taken from the address bar at once, before anybody else reads it.
  function takeToken() {
    const found = new URLSearchParams(location.search).get("mbt");
    if (found === null) return "";
    const rest = location.search.slice(1).split("&").filter((part) => !part.startsWith("mbt="));
    const search = rest.length ? "?" + rest.join("&") : "";
    history.replaceState(history.state, "", location.pathname + search + location.hash);
    return settings.mail ? found : "";
  }

  // Consent: Global Privacy Control, else the page's TCF 2 API, else what the client declared.
  function start() {
    if (navigator.globalPrivacyControl) choose(false, { gdpr: 1 });
    else askCmp(20);
  }

  function askCmp(tries) {
    if (window.__tcfapi) {
      const silent = setTimeout(choose, 5000, false, { gdpr: 1 });
      window.__tcfapi("addEventListener", 2, (data, ok) => {
        clearTimeout(silent);
        if (ok && data) hear(data);
      });
    } else if (settings.declared) choose(true, {});
    else if (tries) setTimeout(askCmp, 250, tries - 1);
    else choose(false, {});
  }

  function hear(data) {
    if (data.gdprApplies === false) choose(true, { gdpr: 0 });
    else if (data.eventStatus === "tcloaded" || data.eventStatus === "useractioncomplete") {
      const agreed = (group, id) => !!(data[group] && data[group].consents[id]);
      const allowed = agreed("purpose", 1) && (!settings.vendor || agreed("vendor", settings.vendor));
      choose(allowed, { gdpr: 1, gdpr_consent: data.tcString });
    }
  }

  // A choice changed on the page is told with another page view, so that a refusal counts now.
  function choose(allowed, said) {
    if (consent && JSON.stringify(consent.said) === JSON.stringify(said)) return;
    consent = { allowed, said };
    if (token) send("land");
    send("page", { u: plain(location.href), r: plain(document.referrer) });
    if (allowed) sync(5);
    decide();
  }

  function send(path, query) {
    if (!consent.allowed && path !== "page") return Promise.resolve(false);
    const all = { site: settings.site, ...query, ...consent.said, t: consent.allowed && token };
    const said = Object.keys(all).filter((name) => all[name] || all[name] === 0);
    const text = said.map((name) => name + "=" + encodeURIComponent(all[name])).join("&");
    const how = { mode: "no-cors", credentials: "include", keepalive: true, referrerPolicy: "origin" };
    const call = () =>
      fetch(home + "/bakery/" + path + "?" + text, how).then(
        () => true,
        () => false
      );
    if (opening) return opening.then(call);
    return (opening = Promise.race([call(), new Promise((resolve) => setTimeout(resolve, 3000))]));
  }

  // An address without query and fragment; without its path too where that holds an e-mail.
  function plain(address) {
    if (!/^https?:/.test(address)) return "";
    const { origin, pathname } = new URL(address);
    return origin + (/@|%(25)*40/.test(pathname) ? "/" : pathname);
  }

  // Each chosen partner once per page view; its own script may need some seconds to make an id.
  function sync(tries) {
    if (!consent.allowed) return;
    missing.forEach((partner) => {
      const id = partnerId(partner);
      if (!id) return;
      missing.delete(partner);
      send("sync/dmpsyncendpoint", { partner, cookieid: id, read: "false" });
    });
    if (missing.size && tries) setTimeout(sync, 1000, tries - 1);
    // Not known here: the partner is asked, by a redirect that brings its id back to us.
    else settings.out.forEach((partner) => missing.delete(partner) && send("sync/out", { partner }));
  }

  function partnerId(partner) {
    const places = settings.partners[partner].map((place) => () => read(...place.split(" ")));
    for (const place of [() => (api.partners || {})[partner], ...places]) {
      try {
        const id = place();
        if (id && /^(?!.*%40)[^\s@]{5,256}$/.test(id)) return id;
      } catch (error) {
        // The partner is not there yet, or storage is closed to us.
      }
    }
  }

  function read(kind, name, field) {
    if (kind === "storage") return localStorage.getItem(name);
    if (kind === "call") {
      const [object, method] = name.split(".");
      return window[object][method]();
    }
    const cookie = document.cookie.split("; ").find((each) => each.startsWith(name + "="));
    const value = decodeURIComponent(cookie.slice(name.length + 1));
    return field ? value.split("$").find((each) => each.startsWith(field + ":")).split(/[:;]/)[1] : value;
  }

  // Identifiers: the texts that are hashed as the profiles write them; none where that is not sure.
  const forms = {
    // da_docs_v1 and, where it differs, da_sdk_v1, which drops +suffixes.
    email(given) {
      const form = /^(?!\.|.*([.@-][.@-]|[^.@]{64}))[\p{L}!#-'*+\--9=?^-`{-~]{1,64}@[\p{L}\d.-]+\.(?!test$|invalid$|local|onion$|arpa$)\p{L}{2,63}$/u;
      const both = [given.replace(/\s/g, ""), given.replace(/\+[^@]+/, "").trim()].map((text) => text.toLowerCase());
      return form.test(both[0]) ? [...new Set(both)].filter((text) => form.test(text)) : [];
    },
    // Digits with country code, without plus.
    phone(given) {
      const country = String(api.country || settings.country);
      const dialled = given.trim().replace(/[ /.\u00a0\u2010-\u2015-]/g, "");
      const abroad = /^\(?(\+|00)/.test(dialled);
      const bare = dialled.replace(abroad ? "(0)" : "", "").replace(/[()]/g, "");
      const digits = bare.replace(abroad ? /^(\+|00)/ : /^0/, abroad ? "" : country || "-");
      return digits !== bare && RegExp("^(" + settings.phones + ")$").test(digits) ? [digits] : [];
    },
    // COUNTRY|POSTCODE|NUMBER|EXTENSION
    postal(given) {
      const parts = given.toUpperCase().replace(/\s/g, "").split("|");
      const [, number, rest] = /^0*([1-9]\d{0,5})(\D.*)?$/.exec(parts[2]) || [];
      const country = parts[0] || settings.region;
      const place = country + "|" + parts[1];
      const form = /^(?!NL(?!.[1-9]\d{3}(?!S[ADS])[A-Z]{2}$)|BE(?!.[1-9]\d{3}$)|(DE|FR|SE)(?!.(?!00)\d{5}$)|GB(?!.[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}$))[A-Z]{2}.[A-Z\d-]{3,10}$/;
      if (parts.length > 4 || !form.test(place) || !number) return [];
      const extension = ((rest || "") + (parts[3] || "")).replace(/[^A-Z\d]/g, "");
      return [place + "|" + number + "|" + extension.replace(country === "BE" ? /^(BUS|BTE|BO?I?TE|BOX)/ : "", "")];
    },
  };

  async function hash(text) {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // Tells for each identifier given whether it was sent; nothing but hashes leaves the page.
  api.identify = async (given = {}) => {
    await decided;
    const sent = {};
    const calls = [];
    for (const type in forms) {
      const value = given[type];
      if (!value) continue;
      const texts = consent.allowed && window.crypto.subtle ? forms[type](String(value)) : [];
      sent[type] = texts.length > 0;
      for (const [n, text] of texts.entries()) calls[n] = { ...calls[n], [type]: await hash(text) };
    }
    const u = plain(location.href);
    const done = await Promise.all(calls.map((call) => send("identify", { ...call, u })));
    if (!done.every(Boolean)) for (const type in sent) sent[type] = false;
    return sent;
  };

  api.event = async (name) => {
    await decided;
    if (!/^[^\x00-\x1f\x7f@]{1,128}$/.test(name)) return false;
    return send("event", { name, u: plain(location.href) });
  };

  if (document.prerendering) document.addEventListener("prerenderingchange", start, { once: true });
  else start();

  // matchbook.push(["event", "sign-up"]) works before and after this script has come.
  const queued = Array.isArray(api) ? api.splice(0) : [];
  api.push = (...calls) =>
    calls.forEach(([name, given]) => {
      if (name === "event" || name === "identify") api[name](given);
      else console.warn("matchbook: there is no call " + name);
    });
  api.push(...queued);
})();
