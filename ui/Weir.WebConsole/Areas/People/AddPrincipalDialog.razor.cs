using Microsoft.AspNetCore.Components;
using Weir.ControlPlane.Application.Features.Principals;

namespace Weir.WebConsole.Areas.People;

public sealed partial class AddPrincipalDialog
{
    private string _kind = "user";
    private string _name = "";
    private string _displayName = "";
    private string _onBehalfOf = "";
    private string _password = "";
    private string _groups = "";

    [Parameter, EditorRequired]
    public EventCallback OnClose { get; set; }

    [Parameter, EditorRequired]
    public EventCallback OnAdded { get; set; }

    protected override Task LoadAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task AddAsync()
    {
        var isUser = _kind == "user";
        var command = new CreatePrincipal.Command(
            _kind,
            _name.Trim(),
            isUser && !string.IsNullOrWhiteSpace(_displayName) ? _displayName.Trim() : null,
            GroupNames.Read(_groups),
            _kind == "ai_agent" ? _onBehalfOf.Trim() : null,
            isUser && _password.Length > 0 ? _password : null);
        if (await TryActAsync(token => Mediator.SendAsync(command, token), reload: false))
        {
            await OnAdded.InvokeAsync();
            await OnClose.InvokeAsync();
        }
    }
}
