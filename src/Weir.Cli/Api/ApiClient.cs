using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weir.Cli.Api;

/// <summary>The HTTP API of the control plane. Every refusal becomes a <see cref="CommandFailure"/> with the problem's own words.</summary>
internal sealed class ApiClient : IDisposable
{
    private const int PageSize = 200;

    private readonly HttpClient _http;

    public ApiClient(string url, string? token)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
        {
            throw new CommandFailure($"'{url}' is no http or https address", ExitCodes.Usage);
        }

        _http = new HttpClient { BaseAddress = new Uri(address.AbsoluteUri.TrimEnd('/') + "/"), Timeout = TimeSpan.FromSeconds(100) };
        if (token is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    public Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    public Task<JsonNode> PostAsync(string path, JsonNode? body, CancellationToken cancellationToken) => SendAsync(HttpMethod.Post, path, body, cancellationToken);

    public Task<JsonNode> PutAsync(string path, JsonNode? body, CancellationToken cancellationToken) => SendAsync(HttpMethod.Put, path, body, cancellationToken);

    public Task<JsonNode> DeleteAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Delete, path, null, cancellationToken);

    /// <summary>All items of a list, page by page, up to <paramref name="most"/>.</summary>
    public async Task<JsonArray> ListAsync(string path, int most, CancellationToken cancellationToken)
    {
        var all = new JsonArray();
        string? after = null;
        do
        {
            var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
            var page = await GetAsync($"{path}{separator}limit={Math.Min(PageSize, most - all.Count)}{(after is null ? "" : "&after=" + Uri.EscapeDataString(after))}", cancellationToken);
            foreach (var item in page["items"] as JsonArray ?? throw new JsonException("A list has items."))
            {
                all.Add(item!.DeepClone());
            }

            after = page["next"]?.GetValue<string>();
        }
        while (after is not null && all.Count < most);
        return all;
    }

    /// <summary>The lines of an answer that is no JSON document as a whole.</summary>
    public async IAsyncEnumerable<string> LinesAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await ThrowIfRefusedAsync(response, cancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken), Encoding.UTF8);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            yield return line;
        }
    }

    /// <summary>The data lines of a server-sent event stream, until it ends or the caller cancels.</summary>
    public async IAsyncEnumerable<JsonNode> WatchAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await ThrowIfRefusedAsync(response, cancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken), Encoding.UTF8);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith("data:", StringComparison.Ordinal) && JsonNode.Parse(line[5..]) is { } data)
            {
                yield return data;
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        using var response = await _http.SendAsync(request, cancellationToken);
        await ThrowIfRefusedAsync(response, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text) ?? new JsonObject();
    }

    /// <summary>Words of an RFC 9457 problem: detail or title, and every fault with its place.</summary>
    private static async Task ThrowIfRefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        JsonNode? problem = null;
        try
        {
            problem = text.Length == 0 ? null : JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            // Not a problem document (a proxy's error page, say): the status code is all there is to tell.
        }

        var message = new StringBuilder(
            TextOf(problem, "detail") ?? TextOf(problem, "title") ?? response.StatusCode switch
            {
                HttpStatusCode.Unauthorized => "the token is unknown, expired or revoked; run 'weir login'",
                HttpStatusCode.NotFound => "no such thing",
                _ => $"the control plane answered {(int)response.StatusCode} {response.ReasonPhrase}",
            });
        if ((problem as JsonObject)?["errors"] is JsonObject faults)
        {
            foreach (var (place, messages) in faults)
            {
                foreach (var fault in messages as JsonArray ?? [messages?.DeepClone()])
                {
                    message.Append("\n  ").Append(place).Append(": ").Append(fault);
                }
            }
        }

        throw new CommandFailure(message.ToString());
    }

    private static string? TextOf(JsonNode? problem, string key) => problem is JsonObject && problem[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
