using Weir.ControlPlane.Application.Features.Agents;
using Weir.ControlPlane.Server.Authentication;

namespace Weir.ControlPlane.Server.Api;

internal static class AgentsApi
{
    public static void MapAgents(this RouteGroupBuilder api)
    {
        api.MapGet("/agents", (Caller caller) => caller.SendAsync(new ListAgents.Query()));
        api.MapPost("/agents/enrollment-tokens", (CreateEnrollmentToken.Command body, Caller caller) => caller.SendAsync(body))
            .WithSummary("A token with which one agent enrolls, once; it is in this answer only.");
        api.MapDelete("/agents/{id:guid}", async (Guid id, Caller caller) =>
        {
            await caller.SendAsync(new RemoveAgent.Command(id));
            return TypedResults.NoContent();
        });
    }
}
