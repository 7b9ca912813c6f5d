using System.ComponentModel;
using System.Security.Claims;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.AccessRequests;
using Weir.ControlPlane.Application.Features.Documents;
using Weir.ControlPlane.Application.Features.Reviews;
using Weir.Policy.Documents;

namespace Weir.ControlPlane.Server.Mcp;

/// <summary>Tools about what one may use, and about what one waits for.</summary>
[McpServerToolType]
internal sealed class ConnectionTools(ActorMediator mediator)
{
    [McpServerTool(Name = "list_connections", Title = "List connections", ReadOnly = true, Idempotent = true, OpenWorld = false)]
    [Description("Lists the database connections you may use or ask access for, with your access level (read, write, admin).")]
    public Task<CallToolResult> ListAsync(ClaimsPrincipal user, CancellationToken cancellationToken) => ToolAnswer.RunAsync(user, async actor =>
    {
        var found = await mediator.SendAsync(actor, new ListConnections.Query(), cancellationToken);
        return ToolAnswer.Of(new { connections = found.Items.Select(c => new { c.Name, c.Database, c.Access, c.Mode, c.GrantEndsAt, c.Request, online = c.AgentOnline }) });
    });

    [McpServerTool(Name = "request_access", Title = "Request access", ReadOnly = false, Destructive = false, Idempotent = false, OpenWorld = false)]
    [Description("Asks people for time-bound access to a connection. Returns a request id for check_status; access begins when it is approved.")]
    public Task<CallToolResult> RequestAsync(
        ClaimsPrincipal user,
        [Description("Name from list_connections.")] string connection,
        [Description("Why you need it; people decide by this.")] string reason,
        CancellationToken cancellationToken,
        [Description("read, write or admin.")] string access = "read",
        [Description("Such as 30m or 2h.")] string duration = "1h") => ToolAnswer.RunAsync(user, async actor =>
    {
        var time = DurationText.TryParse(duration, out var parsed) ? parsed : throw new ValidationFailedException("duration", "Such as 30m, 1h or 2h30m.");
        var request = await mediator.SendAsync(actor, new CreateAccessRequest.Command(connection, access, time, reason), cancellationToken);
        return ToolAnswer.Of(new { request.Status, requestId = request.Id, request.Connection, request.Access, request.Duration, next = "Ask check_status with requestId." });
    });

    [McpServerTool(Name = "check_status", Title = "Check status", ReadOnly = true, Idempotent = true, OpenWorld = false)]
    [Description("Tells what became of a held statement (reviewId) or an access request (requestId).")]
    public Task<CallToolResult> CheckAsync(
        ClaimsPrincipal user, [Description("The reviewId or requestId.")] string id, CancellationToken cancellationToken) => ToolAnswer.RunAsync(user, async actor =>
    {
        if (!Guid.TryParse(id, out var guid))
        {
            throw new ValidationFailedException("id", "The reviewId of a held statement or the requestId of an access request.");
        }

        try
        {
            var review = await mediator.SendAsync(actor, new GetReview.Query(guid), cancellationToken);
            return ToolAnswer.Of(new { kind = "review", review.Status, review.Statement, review.Comment, review.ExpiresAt, next = NextOfReview(review.Status) });
        }
        catch (NotFoundException)
        {
            var request = await mediator.SendAsync(actor, new GetAccessRequest.Query(guid), cancellationToken);
            return ToolAnswer.Of(new { kind = "access_request", request.Status, request.Connection, request.Access, request.Comment, next = NextOfRequest(request.Status) });
        }
    });

    private static string NextOfReview(string status) => status switch
    {
        "open" => "Wait; ask again in a while.",
        "approved" => "Send the very same statement again: it runs, once.",
        "rejected" => "Do not send it again; read the comment.",
        "consumed" => "It has run.",
        _ => "It is over; send the statement again to ask anew.",
    };

    private static string NextOfRequest(string status) => status switch
    {
        "pending" => "Wait; ask again in a while.",
        "approved" => "Use the connection.",
        "rejected" => "Do not ask again; read the comment.",
        _ => "It is over; ask anew if you still need it.",
    };
}
