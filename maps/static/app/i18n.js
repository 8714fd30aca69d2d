// Speak Chinese and English from one dictionary; remember the theme.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  let words = {};
  let langIndex = 0;

  gridsight.t = function (key, values) {
    const pair = words[key];
    if (!pair) return key;
    return pair[langIndex].replace(/\{(\w+)\}/g, (whole, name) => (values && name in values ? values[name] : whole));
  };

  // The page's title in either language, with the county's name where a title has it.
  gridsight.titleOf = (county) => ({ title_zh: county + words.title[0], title_en: words.title[1] + ", " + county });

  gridsight.has = (key) => key in words;
  gridsight.lang = () => (langIndex === 0 ? "zh" : "en");
  // One language of a sentence written as "中文 / English"; any other text unchanged (api/language.py).
  gridsight.own = function (sentence) {
    const cut = sentence.indexOf(" / ");
    return cut < 0 ? sentence : langIndex === 0 ? sentence.slice(0, cut) : sentence.slice(cut + 3);
  };

  // The text of a [Chinese, English] pair.
  gridsight.pick = (pair) => pair[langIndex];

  function apply() {
    document.documentElement.lang = langIndex === 0 ? "zh-CN" : "en";
    document.title = gridsight.t("title");
    document.querySelectorAll("[data-t]").forEach((one) => {
      one.textContent = gridsight.t(one.dataset.t);
    });
    document.querySelectorAll("[data-label]").forEach((one) => {
      one.setAttribute("aria-label", gridsight.t(one.dataset.label));
      if (one.tagName === "BUTTON") one.title = gridsight.t(one.dataset.label);
    });
    document.querySelectorAll("[data-placeholder]").forEach((one) => {
      one.placeholder = gridsight.t(one.dataset.placeholder);
    });
  }

  gridsight.speak = function (lang) {
    const next = lang === "en" ? 1 : 0;
    if (next === langIndex) return;
    langIndex = next;
    apply();
    gridsight.update({ lang: gridsight.lang() });
  };

  // Storage is refused in some browsers for files opened from disk; the theme is then not remembered.
  function storedTheme(value) {
    try {
      if (value !== undefined) window.localStorage.setItem("gridsight-theme", value);
      return window.localStorage.getItem("gridsight-theme");
    } catch (refused) {
      return null;
    }
  }

  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  gridsight.theme = () => document.documentElement.dataset.theme || (dark.matches ? "dark" : "light");

  // Cached per theme: used for every symbol.
  let colours = null;
  gridsight.colours = () => (colours = colours || gridsight.config.style.themes[gridsight.theme()]);

  function applyTheme() {
    colours = null;
    gridsight.update({ theme: gridsight.theme() });
  }

  // Paper is light: the drawings too, for as long as the page is laid out for it.
  let beforePaper = null;
  gridsight.paperTheme = function (isOn) {
    const root = document.documentElement;
    if (isOn) {
      beforePaper = root.dataset.theme || "";
      root.dataset.theme = "light";
    } else if (beforePaper) root.dataset.theme = beforePaper;
    else delete root.dataset.theme;
    applyTheme();
  };

  gridsight.startWords = function (config) {
    words = config.words;
    langIndex = config.lang === "en" ? 1 : 0;
    apply();
    gridsight.byId("lang").addEventListener("click", () => gridsight.speak(langIndex === 0 ? "en" : "zh"));
    const kept = storedTheme();
    if (kept === "dark" || kept === "light") document.documentElement.dataset.theme = kept;
    gridsight.byId("theme").addEventListener("click", () => {
      const next = gridsight.theme() === "dark" ? "light" : "dark";
      document.documentElement.dataset.theme = next;
      storedTheme(next);
      applyTheme();
    });
    dark.addEventListener("change", applyTheme);
  };
})();
