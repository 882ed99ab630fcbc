/** Lines that can be told apart by people who see few colours (Okabe and Ito), each dark or light enough for its background. */
export const lineColours = {
  dark: ['#56b4e9', '#e69f00', '#009e73', '#f0e442', '#cc79a7', '#d55e00', '#a6a6a6', '#7f7fff'],
  light: ['#0072b2', '#b06a00', '#00795a', '#8a7d00', '#a84f83', '#b84a00', '#5a5a5a', '#4040c0'],
} as const;
