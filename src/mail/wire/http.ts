// Recognises a browser on a mail port: a web page can make one send lines that look like mail commands (threats.md C4).

const REQUEST_LINE = /^(?:OPTIONS|GET|HEAD|POST|PUT|PATCH|DELETE|TRACE|CONNECT|PRI) .*HTTP\/\d|^Host:/i;

export function isHttp(line: string): boolean {
  return REQUEST_LINE.test(line);
}
