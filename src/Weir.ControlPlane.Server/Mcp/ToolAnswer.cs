using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Server.Api;
using Weir.ControlPlane.Server.Authentication;
using Weir.ControlPlane.Server.Sql;

namespace Weir.ControlPlane.Server.Mcp;

/// <summary>Answers of tools: structured content, and the same as text for clients that know only that.</summary>
internal static class ToolAnswer
{
    public static CallToolResult Of<T>(T value, bool isError = false)
    {
        var element = JsonSerializer.SerializeToElement(value, ApiJson.Options);
        return new CallToolResult
        {
            StructuredContent = element,
            Content = [new TextContentBlock { Text = element.GetRawText() }],
            IsError = isError,
        };
    }

    public static CallToolResult Of(SqlOutcome outcome, long skipped) => outcome switch
    {
        SqlOutcome.Answered answer => Of(new JsonObject
        {
            ["status"] = "ok",
            ["columns"] = new JsonArray([.. answer.Columns.Select(c => new JsonObject { ["name"] = c.Name, ["type"] = c.Type })]),
            ["rows"] = answer.Rows,
            ["rowsAffected"] = answer.RowsAffected,
            ["nextCursor"] = answer.HasMore ? $"{skipped + answer.Rows.Count}" : null,
        }),
        SqlOutcome.Held held => Of(new JsonObject
        {
            ["status"] = "held",
            ["reviewId"] = held.ReviewId,
            ["reviewUrl"] = held.Address,
            ["next"] = "A person has to approve this statement. Ask check_status with reviewId; once approved, send the very same statement again and it runs, once.",
        }),
        SqlOutcome.Refused refused => Of(
            new JsonObject
            {
                ["status"] = "refused",
                ["sqlState"] = refused.SqlState,
                ["rule"] = refused.Rule,
                ["message"] = refused.Message,
                ["next"] = refused.Hint ?? "Change the statement.",
            },
            isError: true),
        _ => throw new InvalidOperationException($"Unknown outcome {outcome.GetType().Name}."),
    };

    /// <summary>Runs a tool's work; a failure of the closed set is an answer that says what to do, anything else the protocol's own error.</summary>
    public static async Task<CallToolResult> RunAsync(ClaimsPrincipal user, Func<Actor, Task<CallToolResult>> work)
    {
        try
        {
            return await work((user.Identity as ActorIdentity)?.ActsAs ?? throw new ForbiddenException("The token is unknown, expired or revoked."));
        }
        catch (ValidationFailedException invalid)
        {
            return Failed("invalid", string.Join(" ", invalid.Faults.Select(f => $"{f.Path}: {f.Message}")));
        }
        catch (Exception fault) when (fault is NotFoundException or ForbiddenException or ConflictException)
        {
            return Failed(fault switch { NotFoundException => "not_found", ForbiddenException => "forbidden", _ => "conflict" }, fault.Message);
        }
    }

    private static CallToolResult Failed(string status, string message) =>
        Of(new JsonObject { ["status"] = status, ["message"] = message }, isError: true);
}
