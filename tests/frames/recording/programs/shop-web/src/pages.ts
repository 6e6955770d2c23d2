import ejs from 'ejs';
import Handlebars from 'handlebars';
import _ from 'lodash';
import { marked } from 'marked';
import { Cart } from './cart';

const TEMPLATE = '{{#each names}}<li>{{this}}</li>{{else}}none{{/each}}';

export async function page(cart: Cart): Promise<string> {
  const names = _.sortBy(_.uniq([...cart.names()]), (name) => -name.length);
  const list = Handlebars.compile(TEMPLATE)({ names });
  const text = await marked('# Cart\n\n* `tea`\n* [cups](https://example.com)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n');
  return ejs.render('<% for (const part of parts) { %><%= part %><% } %>', { parts: [list, text] });
}

export function shuffle(): unknown {
  const many = _.range(3000).map((n) => ({ n, key: `k${(n * 7919) % 101}` }));
  return _(many).groupBy('key').mapValues((group) => _.sumBy(group, 'n')).toPairs().orderBy(1).cloneDeep();
}
