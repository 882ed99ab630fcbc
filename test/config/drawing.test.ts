import assert from 'node:assert/strict';
import { readDrawing } from '../../src/config/index.js';

const drawn = (inner: string, attributes = 'viewBox="0 0 100 50"'): string => `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" ${attributes}>${inner}</svg>`;
const errors = (svg: string): string[] => readDrawing(svg).findings.filter(({ severity }) => severity === 'error').map(({ code, message }) => `${code} ${message}`);

/** Each tries to run something, to fetch something, or to bring the browser down; the second is what the refusal has to name. */
const hostile: readonly (readonly [inner: string, named: RegExp])[] = [
  ['<script>alert(1)</script>', /UNSAFE.*<script>/],
  ['<g><x:script xmlns:x="http://www.w3.org/2000/svg">alert(1)</x:script></g>', /UNSAFE.*<x:script>/],
  ['<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>', /UNSAFE.*<foreignObject>/],
  ['<h:iframe xmlns:h="http://www.w3.org/1999/xhtml" src="//evil"/>', /UNSAFE.*<h:iframe>/],
  ['<h:p xmlns:h="http://www.w3.org/1999/xhtml"/>', /UNSAFE.*part of a page/],
  ['<rect onload="x()"/>', /UNSAFE.*`onload` of <rect>/],
  ['<rect ONCLICK="x()"/>', /UNSAFE.*`ONCLICK` of <rect>/],
  ['<a href="javascript:x()"><rect/></a>', /UNSAFE.*<a>/],
  ['<use href="https://evil/x.svg#a"/>', /UNSAFE.*`href` of <use>/],
  ['<use xlink:href="other.svg#a"/>', /UNSAFE.*`xlink:href` of <use>/],
  ['<image href="https://evil/beacon.png"/>', /UNSAFE.*`href` of <image>/],
  ['<image href="data:image/svg+xml;base64,PHN2Zz4="/>', /UNSAFE.*`href` of <image>/],
  ['<image href="data:text/html,x"/>', /UNSAFE.*`href` of <image>/],
  ['<rect fill="url(https://evil/#a)"/>', /UNSAFE.*`fill` of <rect>.*url\(#id\)/],
  ['<rect style="fill:url(  \'//evil\')"/>', /UNSAFE.*`style` of <rect>/],
  ['<rect style="background:u\\72l(//evil)"/>', /UNSAFE.*`style` of <rect>/],
  ['<rect fill="java&#x0a;script:x()"/>', /UNSAFE.*`fill` of <rect>/],
  ['<rect style="width:expression(x())"/>', /UNSAFE.*`style` of <rect>/],
  ['<style>@import "//evil"</style>', /UNSAFE.*<style>.*presentation attributes/],
  ['<rect id="r"/><animate href="#r" attributeName="href" to="javascript:x()"/>', /UNSAFE.*<animate>/],
  ['<set attributeName="onmouseover" to="x()"/>', /UNSAFE.*<set>/],
  ['<g xml:base="//evil/"/>', /UNSAFE.*`xml:base` of <g>/],
  ['<pattern id="p"><rect fill="url(#p)"/></pattern><rect fill="url(#p)"/>', /UNSAFE.*refers to itself/],
  [Array.from({ length: 9 }, (_, level) => `<g id="l${level + 1}">${`<use href="#l${level}"/>`.repeat(10)}</g>`).join('') + '<rect id="l0"/><use href="#l9"/>', /UNSAFE.*more than 50000/],
  ['<g>'.repeat(100), /INVALID.*64 deep/],
  ['<rect>', /INVALID.*not well-formed/],
  ['<rect/>'.repeat(20_001), /INVALID.*more than 20000 elements/],
  [`<path d="${'M0 0'.repeat(150_000)}"/>`, /INVALID.*KiB/],
];

describe('config: drawings', () => {
  for (const [inner, named] of hostile) {
    it(`refuses ${inner.slice(0, 60)}`, () => {
      const { svg } = readDrawing(drawn(inner));
      assert.equal(svg, undefined);
      assert.match(errors(drawn(inner)).join('\n'), named);
    });
  }

  it('refuses entities, style sheets of documents, and what is no drawing', () => {
    assert.match(errors('<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><text>&a;</text></svg>').join(), /DRAWING_UNSAFE.*entities/);
    assert.match(errors(`<?xml-stylesheet href="//evil"?>${drawn('')}`).join(), /DRAWING_UNSAFE.*xml-stylesheet/);
    assert.match(errors('<html xmlns="http://www.w3.org/1999/xhtml"/>').join(), /DRAWING_INVALID.*outermost element is <html>/);
    assert.match(errors('<svg viewBox="0 0 1 1"/>').join(), /DRAWING_INVALID.*xmlns/);
    assert.match(errors(drawn('', 'width="100%"')).join(), /DRAWING_INVALID.*viewBox/);
    assert.match(errors('').join(), /DRAWING_INVALID/);
  });

  it('tells everything at once, each thing once, with its line', () => {
    assert.deepEqual(errors(drawn('\n<script/><script/>\n<rect onclick="x()"/>')), [
      'DRAWING_UNSAFE line 2 of the drawing: <script>: a drawing runs nothing',
      'DRAWING_UNSAFE line 3 of the drawing: `onclick` of <rect>: a drawing runs nothing',
    ]);
  });

  it('keeps what is drawn, as attributes, and leaves out what drawing programs keep for themselves', () => {
    const { svg, elements, findings } = readDrawing(`<?xml version="1.0"?><!-- made by hand -->${drawn(`
<metadata><rdf:RDF xmlns:rdf="urn:rdf"><rdf:li href="x"/></rdf:RDF></metadata><inkscape:view zoom="2"/>
<defs><linearGradient id="lg"><stop offset="0" style="stop-color:#fff"/></linearGradient><filter id="blur"><feGaussianBlur/></filter></defs>
<g id="fan" inkscape:label="Fan" class="x" data-a="1" style="fill:url(#lg);stroke:#000 !important;-inkscape-x:1" stroke="red"><title>Supply fan</title><path d="M0 0h1"/></g>
<text id="sat" xml:space="preserve">20 &lt;b&gt; <tspan>°C</tspan></text><use xlink:href="#fan"/>
<image id="plan" href="data:image/png;base64,iVBORw0KGgo="/>`, 'width="210mm" height="100mm" elsewhere="x"')}`);
    assert.deepEqual(findings.map(({ severity, message }) => `${severity} ${message}`), ['warning line 3 of the drawing: <filter> is not drawn']);
    assert.deepEqual(elements, [
      { id: 'lg', kind: 'linearGradient' },
      { id: 'fan', kind: 'g', text: 'Supply fan' },
      { id: 'sat', kind: 'text', text: '20 <b> °C' },
      { id: 'plan', kind: 'image' },
    ]);
    assert.match(svg ?? '', /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="0 0 210 100">/);
    assert.match(svg ?? '', /<g id="fan" fill="url\(#lg\)" stroke="#000"><title>Supply fan<\/title><path d="M0 0h1"><\/path><\/g>/);
    assert.match(svg ?? '', /<text id="sat">20 &lt;b&gt; <tspan>°C<\/tspan><\/text><use href="#fan"><\/use>/);
    assert.doesNotMatch(svg ?? '', /rdf|inkscape|metadata|class|data-a|filter|elsewhere/);
  });

  it('reads what it has written as the same', () => {
    const once = readDrawing(drawn('<g id="a" style="opacity:.5"><rect width="1"/></g><text>a &amp; b</text>')).svg ?? '';
    assert.equal(readDrawing(once).svg, once);
  });
});
