using System.Diagnostics;
using System.Net;
using System.Text;
using Weir.ControlPlane.Application.Features.Webhooks;
using Weir.ControlPlane.Application.Webhooks;
using Weir.ControlPlane.Server.Tests.Support;
using Weir.ControlPlane.Server.Webhooks;

namespace Weir.ControlPlane.Server.Tests.Webhooks;

/// <summary>One attempt, against receivers of every kind.</summary>
public sealed class WebhookClientTests
{
    private static readonly OutboundNetworks Loopback = new([IPNetwork.Parse("127.0.0.0/8")]);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_arrives_is_the_body_with_id_time_and_signature()
    {
        await using var receiver = WebhookReceiver.Answering("204 No Content");
        using var client = Client(Loopback);
        var item = Item($"http://127.0.0.1:{receiver.Port}/a/b?c=d");
        (await client.SendAsync(item, Cancellation)).ShouldBe(new WebhookAnswer(204, null, null));
        var received = await receiver.NextAsync();
        received.RequestLine.ShouldBe("POST /a/b?c=d HTTP/1.1");
        received.Body.ShouldBe("""{"a":1}""");
        received.Headers["content-type"].ShouldBe("application/json; charset=utf-8");
        received.Headers["webhook-id"].ShouldBe(item.DeliveryId.ToString());
        received.Headers["webhook-signature"].ShouldBe($"signed {item.DeliveryId} {received.Headers["webhook-timestamp"]}");
        received.Headers.Keys.ShouldNotContain("traceparent");
    }

    [Fact]
    public async Task A_loopback_address_is_not_connected_to_by_number_or_by_name()
    {
        await using var receiver = WebhookReceiver.Answering("200 OK");
        using var client = Client(OutboundNetworks.PublicOnly);
        foreach (var host in new[] { "127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1" })
        {
            var answer = await client.SendAsync(Item($"https://{host}:{receiver.Port}/"), Cancellation);
            answer.Status.ShouldBeNull(host);
            answer.Error.ShouldBe("The address is not public, or not one that may be reached without TLS.", host);
        }

        receiver.Accepted.ShouldBe(0);
    }

    [Fact]
    public async Task A_name_is_checked_as_it_resolves_at_each_connection()
    {
        await using var receiver = new WebhookReceiver(AnswerAndCloseAsync);
        IPAddress[][] records = [[IPAddress.Parse("127.0.0.1")], [IPAddress.Parse("10.0.0.5")], [IPAddress.Parse("::ffff:169.254.169.254")], []];
        var asked = 0;
        using var client = Client(Loopback, resolve: (_, _) => Task.FromResult(records[asked++]));
        var item = Item($"http://rebound.example:{receiver.Port}/");
        (await client.SendAsync(item, Cancellation)).Status.ShouldBe(200);
        (await client.SendAsync(item, Cancellation)).Error.ShouldNotBeNull().ShouldContain("not public");
        (await client.SendAsync(item, Cancellation)).Error.ShouldNotBeNull().ShouldContain("not public");
        (await client.SendAsync(item, Cancellation)).Error.ShouldBe("The name has no address.");
        asked.ShouldBe(4);
        receiver.Accepted.ShouldBe(1);
    }

    [Fact]
    public async Task Of_several_addresses_only_a_permitted_one_is_tried()
    {
        await using var receiver = WebhookReceiver.Answering("200 OK");
        using var client = Client(Loopback, resolve: (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("10.0.0.5"), IPAddress.Parse("127.0.0.1")]));
        (await client.SendAsync(Item($"http://both.example:{receiver.Port}/"), Cancellation)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Plain_http_goes_to_allowed_networks_only()
    {
        using var client = Client(Loopback, resolve: (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("8.8.8.8")]));
        (await client.SendAsync(Item("http://public.example/"), Cancellation)).Error.ShouldNotBeNull().ShouldContain("without TLS");
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://127.0.0.1:1/")]
    [InlineData("file:///etc/passwd")]
    public async Task A_redirect_is_an_answer_and_is_not_followed(string location)
    {
        await using var receiver = WebhookReceiver.Answering("302 Found", $"Location: {location}\r\n");
        using var client = Client(Loopback);
        (await client.SendAsync(Item($"http://127.0.0.1:{receiver.Port}/"), Cancellation)).ShouldBe(new WebhookAnswer(302, "The receiver answered 302; redirects are not followed.", null));
        receiver.Accepted.ShouldBe(1);
    }

    [Fact]
    public async Task A_receiver_that_hangs_is_given_up_at_the_deadline()
    {
        await using var receiver = new WebhookReceiver((_, token) => Task.Delay(Timeout.Infinite, token));
        using var client = Client(Loopback, TimeSpan.FromMilliseconds(300));
        (await client.SendAsync(Item($"http://127.0.0.1:{receiver.Port}/"), Cancellation)).ShouldBe(new WebhookAnswer(null, "No answer within 0.3 s.", null));
    }

    [Fact]
    public async Task A_receiver_that_drips_its_answer_is_given_up_at_the_deadline()
    {
        await using var receiver = new WebhookReceiver(async (stream, token) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n"u8.ToArray(), token);
            using var drip = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            while (await drip.WaitForNextTickAsync(token))
            {
                await stream.WriteAsync("X-A: b\r\n"u8.ToArray(), token);
            }
        });
        using var client = Client(Loopback, TimeSpan.FromMilliseconds(500));
        (await client.SendAsync(Item($"http://127.0.0.1:{receiver.Port}/"), Cancellation)).Error.ShouldBe("No answer within 0.5 s.");
    }

    [Fact]
    public async Task Endless_headers_are_cut_off()
    {
        await using var receiver = new WebhookReceiver(async (stream, token) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n"u8.ToArray(), token);
            var line = Encoding.ASCII.GetBytes($"X-A: {new string('b', 1000)}\r\n");
            while (true)
            {
                await stream.WriteAsync(line, token);
            }
        });
        using var client = Client(Loopback);
        (await client.SendAsync(Item($"http://127.0.0.1:{receiver.Port}/"), Cancellation)).Error.ShouldBe("The answer's headers are too large.");
    }

    [Fact]
    public async Task An_endless_body_is_not_read()
    {
        long written = 0;
        await using var receiver = new WebhookReceiver(async (stream, token) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray(), token);
            var chunk = Encoding.ASCII.GetBytes($"10000\r\n{new string('x', 65536)}\r\n");
            while (true)
            {
                await stream.WriteAsync(chunk, token);
                Interlocked.Add(ref written, chunk.Length);
            }
        });
        using var client = Client(Loopback);
        var watch = Stopwatch.StartNew();
        (await client.SendAsync(Item($"http://127.0.0.1:{receiver.Port}/"), Cancellation)).Status.ShouldBe(200);
        watch.Elapsed.ShouldBeLessThan(WebhookClient.DefaultDeadline);
        Interlocked.Read(ref written).ShouldBeLessThan(64 * 1024 * 1024);
    }

    [Theory]
    [InlineData("this is no HTTP\r\n\r\n")]
    [InlineData("")]
    public async Task What_a_receiver_writes_is_never_in_the_error(string answer)
    {
        await using var receiver = new WebhookReceiver(async (stream, token) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), token);
            throw new IOException("done");
        });
        using var client = Client(Loopback);
        (await client.SendAsync(Item($"http://127.0.0.1:{receiver.Port}/"), Cancellation)).Error.ShouldBe("The receiver's answer was no HTTP, or ended early.");
    }

    [Fact]
    public async Task An_answer_that_asks_to_wait_says_for_how_long()
    {
        await using var receiver = WebhookReceiver.Answering("429 Too Many Requests", "Retry-After: 120\r\n");
        using var client = Client(Loopback);
        (await client.SendAsync(Item($"http://127.0.0.1:{receiver.Port}/"), Cancellation)).ShouldBe(new WebhookAnswer(429, "The receiver answered 429.", TimeSpan.FromMinutes(2)));
    }

    [Fact]
    public async Task A_certificate_of_another_name_is_refused()
    {
        await using var receiver = new WebhookReceiver(AnswerAndCloseAsync);
        using var client = Client(Loopback);
        var answer = await client.SendAsync(Item($"https://127.0.0.1:{receiver.Port}/"), Cancellation);
        answer.Status.ShouldBeNull();
        answer.Error.ShouldNotBeNull();
    }

    private static async Task AnswerAndCloseAsync(Stream stream, CancellationToken token)
    {
        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), token);
        throw new IOException("closed");
    }

    private static WebhookClient Client(OutboundNetworks networks, TimeSpan? deadline = null, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null) =>
        new(networks, TimeProvider.System, deadline ?? WebhookClient.DefaultDeadline, resolve ?? Dns.GetHostAddressesAsync);

    private static ClaimWebhookDeliveries.Item Item(string url) =>
        new(Guid.NewGuid(), new Uri(url), """{"a":1}""", (id, timestamp) => $"signed {id} {timestamp}");
}
