using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.Agents;
using Weir.ControlPlane.Application.Features.Reviews;
using Weir.ControlPlane.Application.Features.Tokens;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Reviews;
using Weir.ControlPlane.Server.Agents;
using Weir.ControlPlane.Server.Tests.Support;

namespace Weir.ControlPlane.Server.Tests.Agents;

/// <summary>In which order an agent is told what people decided.</summary>
public sealed class AgentOutboxTests(ControlPlaneServer server)
{
    private static readonly byte[] Shape = Enumerable.Repeat((byte)7, 32).ToArray();

    private readonly ActorMediator _mediator = server.Services.GetRequiredService<ActorMediator>();
    private readonly IClusterSignals _signals = server.Services.GetRequiredService<IClusterSignals>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_approval_that_is_told_late_is_not_told_once_it_was_withdrawn()
    {
        var agent = await EnrollAsync();
        var reviewer = await SignInAsync("dba@weir.example");
        var review = await HoldAsync(agent);
        var approved = await ChangeAsync(agent, () => _mediator.SendAsync(reviewer, new ApproveReview.Command(review), Cancellation));
        var withdrawn = await ChangeAsync(agent, () => _mediator.SendAsync(reviewer, new WithdrawReview.Command(review), Cancellation));
        approved.ShouldHaveSingleItem().AuditSequence.ShouldBeLessThan(withdrawn.ShouldHaveSingleItem().AuditSequence);

        (await TellAsync(agent, ["review-batch"], approved, withdrawn)).Select(m => m.ReviewUpdate.Status).ShouldBe([Contracts.Agent.V1.ReviewStatus.Approved, Contracts.Agent.V1.ReviewStatus.Withdrawn]);
        (await TellAsync(agent, ["review-batch"], withdrawn, approved)).Select(m => m.ReviewUpdate.Status).ShouldBe([Contracts.Agent.V1.ReviewStatus.Withdrawn, Contracts.Agent.V1.ReviewStatus.Withdrawn]);
    }

    [Fact]
    public async Task What_one_approval_decides_is_told_in_one_message_where_the_agent_takes_it()
    {
        var agent = await EnrollAsync();
        var reviewer = await SignInAsync("dba@weir.example");
        var reviews = new List<Guid>();
        for (var i = 0; i < 5; i++)
        {
            reviews.Add(await HoldAsync(agent));
        }

        var approved = await ChangeAsync(agent, () => _mediator.SendAsync(reviewer, new ApproveReview.Command(reviews[0], Window: TimeSpan.FromMinutes(1)), Cancellation));
        var told = (await TellAsync(agent, ["review-batch"], approved)).ShouldHaveSingleItem().ReviewUpdates.Reviews;
        told.Select(u => ContractMapping.ToGuid(u.ReviewId, "review_id")).ShouldBe(reviews, ignoreOrder: true);
        told.ShouldAllBe(u => u.Status == Contracts.Agent.V1.ReviewStatus.Approved);
        (await TellAsync(agent, [], approved)).Select(m => m.ReviewUpdate.Status).ShouldBe(Enumerable.Repeat(Contracts.Agent.V1.ReviewStatus.Approved, 5));
    }

    private async Task<Actor> SignInAsync(string principal) =>
        (await _mediator.SendAsync(Actor.Anonymous, new AuthenticateToken.Command(server.Tokens[principal]), Cancellation)).Actor.ShouldNotBeNull();

    private async Task<Actor> EnrollAsync()
    {
        using var admin = server.Admin();
        var name = $"a-{Guid.NewGuid():N}"[..16];
        var (_, token) = await ControlPlaneServer.SendAsync(admin, HttpMethod.Post, "/api/v1/agents/enrollment-tokens", new JsonObject { ["name"] = name });
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var enrolled = await _mediator.SendAsync(
            Actor.Anonymous, new EnrollAgent.Command(token!["token"]!.GetValue<string>(), name, key.ExportSubjectPublicKeyInfo(), "0.1.0", new Dictionary<string, string>()), Cancellation);
        return Actor.ForAgent(enrolled.OrganizationId, enrolled.AgentId, enrolled.Name);
    }

    private async Task<Guid> HoldAsync(Actor agent)
    {
        var developer = await SignInAsync("dev@weir.example");
        var held = new HeldStatement(
            Guid.NewGuid(), 1, "orders", "DELETE FROM orders WHERE id = 7", [], [], RandomNumberGenerator.GetBytes(32), new Dictionary<string, string>(), [], [], null, null, null)
        {
            Shape = new StatementShape(Shape, "DELETE FROM orders WHERE id = ?", TimeSpan.FromHours(1)),
        };
        return (await _mediator.SendAsync(
            agent, new RecordReview.Command(Guid.NewGuid(), developer.Id!.Value, held, new ReviewRules(["dba"], 1, TimeSpan.FromMinutes(15))), Cancellation)).ReviewId;
    }

    /// <summary>The signals of one use case about the agent's reviews.</summary>
    private async Task<IReadOnlyList<ReviewChanged>> ChangeAsync<T>(Actor agent, Func<Task<T>> change)
    {
        using var subscription = _signals.Subscribe(agent.Organization);
        await change();
        await foreach (var batch in subscription.ReadBatchesAsync(Cancellation))
        {
            if (batch.OfType<ReviewChanged>().Where(r => r.Agent.Value == agent.Id).ToList() is { Count: > 0 } changes)
            {
                return changes;
            }
        }

        throw new InvalidOperationException("The signals have ended.");
    }

    /// <summary>What an agent is sent that just hears these signals, one after the other.</summary>
    private async Task<IReadOnlyList<ControlMessage>> TellAsync(Actor agent, string[] capabilities, params IReadOnlyList<ClusterSignal>[] said)
    {
        var connection = new AgentConnection(new AgentIdentity(agent.Organization!.Value.Value, agent.Id!.Value, agent.Name));
        var outbox = new AgentOutbox(connection, _mediator, agent, capabilities);
        foreach (var signals in said)
        {
            var heard = Channel.CreateUnbounded<IReadOnlyList<ClusterSignal>>();
            heard.Writer.TryWrite(signals);
            heard.Writer.Complete();
            await outbox.FollowAsync(new ClusterSubscription(heard.Reader, () => { }), _signals, Cancellation);
        }

        var messages = new List<ControlMessage>();
        while (connection.Outbound.TryRead(out var message))
        {
            messages.Add(message);
        }

        return messages;
    }
}
