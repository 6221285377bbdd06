// Stands for the application: it says that it is well.
const { createServer } = require('node:http')

const server = createServer(({ url }, response) => response.writeHead(url === '/api/health' ? 200 : 404).end())
server.listen(3000)
process.on('SIGTERM', () => server.close())
