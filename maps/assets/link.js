/* Reach the engine: in a worker made from this very page's text, or on the page where that fails. */
(function () {
  "use strict";
  const PM = (self.PM = self.PM || {});
  const waiting = new Map();
  let next = 1;

  function receive(message) {
    const promise = waiting.get(message.id);
    if (!promise) {
      const { picture } = message.result || {};
      if (picture && picture.close) picture.close();
      return;
    }
    waiting.delete(message.id);
    if (message.error) promise.reject(new Error(message.error));
    else promise.resolve(message.result);
  }

  function onPage() {
    // What was drawn is shown before the next is: it need not be kept.
    const engine = new PM.Engine(receive, document.createElement("canvas"), (drawn) => drawn);
    return (message) => void Promise.resolve().then(() => engine.take(message));
  }

  function inWorker() {
    const source = document.getElementById("pm-engine").textContent;
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const worker = new Worker(url);
    worker.onmessage = (event) => receive(event.data);
    return (message) => worker.postMessage(message);
  }

  function connect() {
    const wanted = typeof Worker !== "undefined" && typeof OffscreenCanvas !== "undefined" &&
      !/[#&]engine=page\b/.test(location.hash);
    PM.worker = wanted;
    try {
      return wanted ? inWorker() : onPage();
    } catch (error) {
      PM.worker = false;
      return onPage();
    }
  }

  // At once: a worker needs time of its own to wake, while the page is still being read.
  const send = connect();

  PM.tell = function (kind, args, id) {
    send({ id: id || 0, kind, args });
  };

  /** Ask the engine; the promise carries its number as `.id`, by which a tile can be dropped. */
  PM.ask = function (kind, args) {
    const id = next++;
    const promise = new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
    promise.id = id;
    PM.tell(kind, args, id);
    return promise;
  };

  /** How many questions have no answer yet. */
  PM.awaited = () => waiting.size;

  /** Drop tiles nobody wants any more: their promises resolve with nothing. */
  PM.forget = function (ids) {
    for (const id of ids) {
      if (waiting.has(id)) waiting.get(id).resolve(null);
      waiting.delete(id);
    }
    if (ids.length) PM.tell("drop", ids);
  };

  /** Hand the data element before the running script to the engine and free its text. */
  PM.feed = function () {
    const data = document.currentScript.previousElementSibling;
    PM.tell("chunk", data.textContent.trim());
    data.remove();
  };
})();
