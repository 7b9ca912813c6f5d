using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;

namespace Weir.WebConsole;

/// <summary>The whole document. Pages are interactive on the server and are not rendered beforehand: each would load everything twice.</summary>
public sealed partial class App : ComponentBase
{
    private static readonly InteractiveServerRenderMode Interactive = new(prerender: false);

    [CascadingParameter]
    private HttpContext? HttpContext { get; set; }

    /// <summary>Null for pages that are plain HTML, as sign-in is: they need neither a circuit nor a script.</summary>
    private IComponentRenderMode? PageMode => HttpContext?.AcceptsInteractiveRouting() == false ? null : Interactive;
}
