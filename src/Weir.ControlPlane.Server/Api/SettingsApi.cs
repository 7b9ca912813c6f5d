using Weir.ControlPlane.Application.Features.Organizations;
using Weir.ControlPlane.Server.Authentication;

namespace Weir.ControlPlane.Server.Api;

internal static class SettingsApi
{
    public static void MapSettings(this RouteGroupBuilder api)
    {
        api.MapGet("/settings", (Caller caller) => caller.SendAsync(new GetSettings.Query()));
        api.MapPut("/settings", (ChangeSettings.Command body, Caller caller) => caller.SendAsync(body));
    }
}
