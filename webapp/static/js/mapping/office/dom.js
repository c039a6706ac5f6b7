// Making elements. Whatever a person wrote becomes text, never markup.

const SVG = "http://www.w3.org/2000/svg";

export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null && child !== false).map(
    (child) => (child instanceof Node ? child : String(child)),
  ));
  return element;
}

/** "{n} cases" with the number put in, grouped by thousands. */
export function counted(sentence, n) {
  return sentence.replace("{n}", n.toLocaleString(document.documentElement.lang));
}

/** The value of a token of css/tokens.css, for what is drawn on a canvas. */
export function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
