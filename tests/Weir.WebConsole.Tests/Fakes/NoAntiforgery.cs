using Microsoft.AspNetCore.Components.Forms;

namespace Weir.WebConsole.Tests.Fakes;

internal sealed class NoAntiforgery : AntiforgeryStateProvider
{
    public override AntiforgeryRequestToken? GetAntiforgeryToken() => new("token", "__RequestVerificationToken");
}
