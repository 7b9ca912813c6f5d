using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Weir.Testing;

namespace Weir.Cli.Tests.Support;

/// <summary>Answers as the HTTP API does, from a list of prepared answers, and remembers what it was asked.</summary>
internal sealed class FakeControlPlane : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentDictionary<string, (int Status, string Type, string Body)> _answers = [];
    private readonly Task _serving;

    public FakeControlPlane()
    {
        Url = $"http://127.0.0.1:{FreePort.Next()}";
        _listener.Prefixes.Add(Url + "/");
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Url { get; }

    public ConcurrentQueue<Asked> Requests { get; } = [];

    /// <param name="request">Method, path and query without <c>limit</c>: <c>GET /api/v1/reviews?all=true</c>.</param>
    public FakeControlPlane Answer(string request, string body, int status = 200, string type = "application/json")
    {
        _answers[request] = (status, type, body);
        return this;
    }

    /// <summary>A list of one page.</summary>
    public FakeControlPlane AnswerList(string request, string items) => Answer(request, $$"""{ "items": {{items}}, "next": null }""");

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var reader = new StreamReader(context.Request.InputStream);
            var body = await reader.ReadToEndAsync();
            var query = context.Request.Url!.Query.TrimStart('?').Split('&').Where(p => p.Length > 0 && !p.StartsWith("limit=", StringComparison.Ordinal));
            var key = $"{context.Request.HttpMethod} {context.Request.Url.AbsolutePath}" + (query.Any() ? "?" + string.Join('&', query) : "");
            Requests.Enqueue(new(key, context.Request.Headers["Authorization"], body.Length == 0 ? null : JsonNode.Parse(body)));
            var (status, type, answer) = _answers.GetValueOrDefault(key, (404, "application/problem+json", $$"""{ "title": "Not found", "status": 404, "detail": "nothing at {{key}}" }"""));
            context.Response.StatusCode = status;
            context.Response.ContentType = type;
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer));
            context.Response.Close();
        }
    }

    internal sealed record Asked(string Request, string? Authorization, JsonNode? Body);
}
