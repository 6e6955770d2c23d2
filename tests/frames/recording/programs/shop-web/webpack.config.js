module.exports = {
  mode: 'development',
  devtool: 'eval',
  target: 'node',
  entry: './src/browse.ts',
  output: { filename: 'bundle.js' },
  resolve: { extensions: ['.ts', '.js'] },
  module: { rules: [{ test: /\.ts$/, use: { loader: 'ts-loader', options: { transpileOnly: true } } }] },
};
