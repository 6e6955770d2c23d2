import { Cart } from './cart';
import { page, shuffle } from './pages';

/** What the bundle does: the pages alone. */
async function browse(seconds: number): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    const cart = Cart.of({ name: 'tea', price: 2.5 }, { name: 'cups', price: 7 });
    if (!(await page(cart)).includes('tea') || cart.total !== 9.5) throw new Error('the cart is not right');
    shuffle();
  }
}

browse(Number(process.argv[2] ?? '5')).catch((error) => {
  console.error(error);
  process.exit(1);
});
