using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Weir.ControlPlane.Server.Tests.Support;
using Weir.Testing;

namespace Weir.ControlPlane.Server.Tests.Webhooks;

/// <summary>From the API to a receiver's socket and back into the log.</summary>
public sealed class WebhookDeliveryTests(ControlPlaneServer server)
{
    [Fact]
    public async Task A_test_reaches_the_receiver_signed_and_a_redelivery_has_the_same_id()
    {
        await using var receiver = WebhookReceiver.Answering("200 OK");
        using var admin = server.Admin();
        var made = await MakeAsync(admin, receiver.Port);
        var sent = (await ControlPlaneServer.SendAsync(admin, HttpMethod.Post, $"/api/v1/webhooks/{made["id"]}/test")).Body!;

        var received = await receiver.NextAsync();
        var body = JsonNode.Parse(received.Body)!;
        body["type"]!.GetValue<string>().ShouldBe("webhook.test");
        received.Headers["webhook-id"].ShouldBe(sent["id"]!.ToString());
        var secret = Convert.FromBase64String(made["secret"]!.GetValue<string>()["whsec_".Length..]);
        var signed = Encoding.UTF8.GetBytes($"{received.Headers["webhook-id"]}.{received.Headers["webhook-timestamp"]}.{received.Body}");
        received.Headers["webhook-signature"].ShouldBe("v1," + Convert.ToBase64String(HMACSHA256.HashData(secret, signed)));
        (await FinishedAsync(admin, sent["id"]!)).ShouldBe(("delivered", 1));

        (await ControlPlaneServer.SendAsync(admin, HttpMethod.Post, $"/api/v1/webhook-deliveries/{sent["id"]}/redeliver")).Status.ShouldBe(200);
        (await receiver.NextAsync()).Headers["webhook-id"].ShouldBe(sent["id"]!.ToString());
        var shown = (await ControlPlaneServer.SendAsync(admin, HttpMethod.Get, $"/api/v1/webhooks/{made["id"]}")).Body!;
        shown["url"]!.GetValue<string>().ShouldBe($"http://127.0.0.1:{receiver.Port}/…");
        (await ControlPlaneServer.SendAsync(admin, HttpMethod.Delete, $"/api/v1/webhooks/{made["id"]}")).Status.ShouldBe(204);
        (await ControlPlaneServer.SendAsync(admin, HttpMethod.Get, $"/api/v1/webhook-deliveries/{sent["id"]}")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task What_fails_is_tried_again_with_the_same_id_and_body_until_it_arrives()
    {
        var answers = 0;
        await using var receiver = new WebhookReceiver((stream, token) =>
            stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {(Interlocked.Increment(ref answers) == 1 ? 500 : 200)} x\r\nContent-Length: 0\r\n\r\n"), token).AsTask());
        using var admin = server.Admin();
        var made = await MakeAsync(admin, receiver.Port);
        var sent = (await ControlPlaneServer.SendAsync(admin, HttpMethod.Post, $"/api/v1/webhooks/{made["id"]}/test")).Body!;
        var first = await receiver.NextAsync();
        var second = await receiver.NextAsync();
        second.Headers["webhook-id"].ShouldBe(first.Headers["webhook-id"]);
        second.Body.ShouldBe(first.Body);
        (await FinishedAsync(admin, sent["id"]!)).ShouldBe(("delivered", 2));
        await ControlPlaneServer.SendAsync(admin, HttpMethod.Delete, $"/api/v1/webhooks/{made["id"]}");
    }

    private static async Task<(string Status, int Attempts)> FinishedAsync(HttpClient admin, JsonNode id)
    {
        var shown = await Eventually.GetAsync(
            async () => (await ControlPlaneServer.SendAsync(admin, HttpMethod.Get, $"/api/v1/webhook-deliveries/{id}")).Body is { } body && body["status"]!.ToString() != "pending" ? body : null,
            TimeSpan.FromSeconds(30),
            "the delivery ends",
            TestContext.Current.CancellationToken);
        return (shown["status"]!.ToString(), shown["attempts"]!.GetValue<int>());
    }

    private static async Task<JsonNode> MakeAsync(HttpClient admin, int port)
    {
        // No connection has the label: what other tests do on the same server is not told to this one's receiver.
        var name = $"w-{Guid.NewGuid():N}"[..20];
        var (status, made) = await ControlPlaneServer.SendAsync(
            admin,
            HttpMethod.Post,
            "/api/v1/webhooks",
            new JsonObject { ["name"] = name, ["url"] = $"http://127.0.0.1:{port}/hook", ["connectionLabels"] = new JsonObject { ["only"] = name } });
        status.ShouldBe(200, made?.ToJsonString());
        return made!;
    }
}
