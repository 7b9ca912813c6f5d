using Weir.ControlPlane.Application.Features.Documents;
using Weir.ControlPlane.Server.Authentication;

namespace Weir.ControlPlane.Server.Api;

internal static class PacksApi
{
    public static void MapPacks(this RouteGroupBuilder api)
    {
        api.MapGet("/packs", (Caller caller) => caller.SendAsync(new ListPacks.Query())).WithSummary("Guardrail packs that ship with this version.");
        api.MapGet("/packs/{name}", (string name, Caller caller) => caller.SendAsync(new GetPack.Query(name)));
    }
}
