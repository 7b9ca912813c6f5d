using Microsoft.AspNetCore.Components;
using Weir.ControlPlane.Application.Features.Tokens;

namespace Weir.WebConsole.Areas.Tokens;

/// <summary>Makes a token and shows it once. It lives as long as the dialog, and nowhere else.</summary>
public sealed partial class CreateTokenDialog
{
    private string _name = "";
    private string _principal = "";
    private int _days = 30;
    private CreateToken.Response? _created;

    [Parameter, EditorRequired]
    public EventCallback OnClose { get; set; }

    protected override Task LoadAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private Task CreateAsync() => ActAsync(
        async token => _created = await Mediator.SendAsync(
            new CreateToken.Command(_name.Trim(), TimeSpan.FromDays(_days), string.IsNullOrWhiteSpace(_principal) ? null : _principal.Trim()), token),
        reload: false);
}
