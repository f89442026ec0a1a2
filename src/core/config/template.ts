// The rule file that "Create Rule File" writes: useful at once, and a tour of what can be said.

export const template = `// Port Prism's rules. A saved change is in force at once; connections that are open stay where they are.
// Start with "Port Prism: Start All Listeners" (F1).
{
  "listeners": [
    {
      "name": "dev",
      // "3000" is 127.0.0.1:3000. Also "[::1]:3000", "0" for any free port,
      // "unix:/tmp/dev.sock", or "pipe:dev" on Windows.
      "listen": "127.0.0.1:3000",
      // Tried from top to bottom; the first that matches takes the connection.
      "routes": [
        // "http" is HTTP/1, HTTP/2, gRPC and WebSocket together. Hosts and paths may use *, ? and {a,b}.
        { "name": "api", "match": { "protocol": "http", "path": "/api/*" }, "to": "127.0.0.1:8080" },
        { "name": "web", "match": { "protocol": "http" }, "to": "127.0.0.1:8000" },
        { "name": "postgres", "match": { "protocol": "postgres" }, "to": "127.0.0.1:5432" },
        { "name": "redis", "match": { "protocol": "redis" }, "to": "127.0.0.1:6379" },
        { "name": "ssh", "match": { "protocol": "ssh" }, "to": "127.0.0.1:22" },
        // TLS stays encrypted; the name that the client asks for is readable all the same.
        { "name": "secure", "match": { "tls": { "sni": "*.localhost" } }, "to": "127.0.0.1:8443" },
        // MySQL clients wait for their server to speak first, so there are no bytes to look at:
        // this looks at the client's program.
        { "name": "mysql", "match": { "process": "mysql*" }, "to": "127.0.0.1:3306" },
        // Two upstreams share the load, and this one is switched off until its checkbox is set.
        {
          "name": "grpc",
          "enabled": false,
          "match": [{ "protocol": "grpc", "host": "stock.*" }, { "payload": "0a0b0c" }],
          "to": ["50051", "50052"],
          "balance": "leastConnections"
        }
      ]
      // What no route takes is closed, and says why. To send it somewhere: "default": "9000"
    }
  ]
}
`;
