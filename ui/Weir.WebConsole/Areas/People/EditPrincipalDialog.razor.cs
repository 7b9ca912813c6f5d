using Microsoft.AspNetCore.Components;
using Weir.ControlPlane.Application.Features.Principals;

namespace Weir.WebConsole.Areas.People;

/// <summary>Changes groups and roles, each only if it is another than before.</summary>
public sealed partial class EditPrincipalDialog
{
    private const string Administrator = "administrator";
    private const string Auditor = "auditor";

    private string _groups = "";
    private bool _isAdministrator;
    private bool _isAuditor;

    [Parameter, EditorRequired]
    public PrincipalView Principal { get; set; } = null!;

    [Parameter, EditorRequired]
    public EventCallback OnClose { get; set; }

    [Parameter, EditorRequired]
    public EventCallback OnSaved { get; set; }

    protected override void OnInitialized()
    {
        base.OnInitialized();
        _groups = GroupNames.Write(Principal.Groups);
        _isAdministrator = Principal.Roles.Contains(Administrator);
        _isAuditor = Principal.Roles.Contains(Auditor);
    }

    protected override Task LoadAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task SaveAsync()
    {
        var groups = GroupNames.Read(_groups);
        List<string> roles = [];
        if (_isAdministrator)
        {
            roles.Add(Administrator);
        }

        if (_isAuditor)
        {
            roles.Add(Auditor);
        }

        var succeeded = await TryActAsync(
            async token =>
            {
                if (!groups.ToHashSet().SetEquals(Principal.Groups))
                {
                    await Mediator.SendAsync(new SetGroups.Command(Principal.Id, groups), token);
                }

                if (!roles.ToHashSet().SetEquals(Principal.Roles))
                {
                    await Mediator.SendAsync(new SetRoles.Command(Principal.Id, roles), token);
                }
            },
            reload: false);
        await OnSaved.InvokeAsync();
        if (succeeded)
        {
            await OnClose.InvokeAsync();
        }
    }
}
