using Weir.ControlPlane.Server.Authentication;
using Weir.ControlPlane.Server.Configuration;
using Weir.ControlPlane.Server.Sql;

namespace Weir.ControlPlane.Server.Mcp;

/// <summary>The MCP server for AI agents, <c>/mcp</c>: streamable HTTP, one request at a time, authenticated by bearer tokens (RFC 9728 says where from).</summary>
internal static class McpHosting
{
    public const string Path = "/mcp";

    private const string MetadataPath = "/.well-known/oauth-protected-resource";

    public static void AddWeirMcp(this IServiceCollection services)
    {
        services.AddSingleton<SqlCredentials>();
        services.AddMcpServer(mcp =>
            {
                mcp.ServerInfo = new() { Name = "weir", Title = "Weir", Version = "0.1.0" };
                mcp.ServerInstructions =
                    "Databases behind a gateway that judges, masks and records every statement. A refusal names the rule and what to do instead; "
                    + "do not try to get around it. A held statement waits for a person: check_status, then send the very same statement again.";
            })
            .WithHttpTransport(http => http.Stateless = true)
            .WithTools<ConnectionTools>()
            .WithTools<SqlTools>();
    }

    public static void MapWeirMcp(this WebApplication app)
    {
        var publicUrl = app.Services.GetRequiredService<ServerOptions>().PublicUrl;
        var origin = publicUrl.GetLeftPart(UriPartial.Authority);
        app.MapMcp(Path).RequireAuthorization(WeirAuthentication.McpPolicy).AddEndpointFilter(async (context, next) =>
            // A page of another site must not be able to use a token that a browser extension or proxy adds (DNS rebinding).
            context.HttpContext.Request.Headers.Origin is [{ } from] && from != origin
                ? TypedResults.Problem(statusCode: StatusCodes.Status403Forbidden, title: "Forbidden", detail: "Requests from pages of other sites are refused.")
                : await next(context));
        foreach (var path in new[] { MetadataPath, MetadataPath + Path })
        {
            app.MapGet(path, () => TypedResults.Ok(new ProtectedResource($"{origin}{Path}", ["header"], "Weir", []))).AllowAnonymous().ExcludeFromDescription();
        }
    }

    /// <summary>What a client is told that comes without a token.</summary>
    public static string Challenge(Uri publicUrl) => $"Bearer resource_metadata=\"{publicUrl.GetLeftPart(UriPartial.Authority)}{MetadataPath}{Path}\"";

    /// <summary>RFC 9728. There is no authorization server yet: tokens are made in the console or with <c>weir principals token</c>.</summary>
    private sealed record ProtectedResource(
        [property: System.Text.Json.Serialization.JsonPropertyName("resource")] string Resource,
        [property: System.Text.Json.Serialization.JsonPropertyName("bearer_methods_supported")] IReadOnlyList<string> BearerMethods,
        [property: System.Text.Json.Serialization.JsonPropertyName("resource_name")] string Name,
        [property: System.Text.Json.Serialization.JsonPropertyName("authorization_servers")] IReadOnlyList<string> AuthorizationServers);
}
