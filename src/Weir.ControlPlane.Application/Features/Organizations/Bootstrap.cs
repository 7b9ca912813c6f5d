using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Agents;
using Weir.ControlPlane.Application.Features.Principals;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Secrets;
using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Features.Organizations;

/// <summary>
/// Makes an organization with its first principals and agents, from the command line of the server. Run again it adds what is missing, makes new tokens, and
/// leaves what is there alone (a password that was changed stays changed).
/// </summary>
public static class Bootstrap
{
    public static readonly TimeSpan TokenTtl = TimeSpan.FromDays(30);
    public static readonly TimeSpan EnrollmentTtl = TimeSpan.FromDays(1);

    [RequirePermission(Permission.RunSystem)]
    public sealed record Command(
        string Organization,
        Administrator Administrator,
        IReadOnlyList<User>? Users = null,
        IReadOnlyList<ServiceAccount>? ServiceAccounts = null,
        IReadOnlyList<AiAgent>? AiAgents = null,
        IReadOnlyList<Agent>? Agents = null) : IRequest<Response>
    {
        public override string ToString() => $"bootstrap {Organization}";
    }

    /// <param name="Groups">Of which it is a member from the start, such as one that decides about reviews.</param>
    public sealed record Administrator(string Email, string Password, IReadOnlyList<string>? Groups = null)
    {
        public override string ToString() => Email;
    }

    /// <param name="Token">Whether to make an API token.</param>
    /// <param name="Password">For signing in locally; null for single sign-on only.</param>
    public sealed record User(string Email, string? Name = null, IReadOnlyList<string>? Groups = null, bool Token = false, string? Password = null)
    {
        public override string ToString() => Email;
    }


    public sealed record ServiceAccount(string Name, IReadOnlyList<string>? Groups = null, bool Token = false);

    /// <param name="OnBehalfOf">Its user's e-mail address.</param>
    public sealed record AiAgent(string Name, string OnBehalfOf, IReadOnlyList<string>? Groups = null, bool Token = false);

    public sealed record Agent(string Name);

    /// <param name="Tokens">API tokens by principal name; the administrator's always.</param>
    /// <param name="AgentEnrollmentTokens">By agent name.</param>
    public sealed record Response(Guid OrganizationId, IReadOnlyDictionary<string, string> Tokens, IReadOnlyDictionary<string, string> AgentEnrollmentTokens)
    {
        public override string ToString() => $"bootstrapped {OrganizationId}";
    }

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Organization).Matches("^[a-z0-9][a-z0-9-]{0,62}$").WithMessage("1 to 63 of a-z, 0-9 and '-', starting with a letter or digit.");
            RuleFor(c => c.Administrator).NotNull();
            RuleFor(c => c.Administrator.Email).NotEmpty().EmailAddress().MaximumLength(Principal.MaxNameLength);
            RuleFor(c => c.Administrator.Password).NotEmpty().MustBePassword();
            RuleFor(c => c.Administrator.Groups).MustBeGroupNames();
            RuleForEach(c => c.Users).ChildRules(u =>
            {
                u.RuleFor(x => x.Email).NotEmpty().EmailAddress().MaximumLength(Principal.MaxNameLength);
                u.RuleFor(x => x.Groups).MustBeGroupNames();
                u.RuleFor(x => x.Password).MustBePassword();
            });
            RuleForEach(c => c.ServiceAccounts).ChildRules(s =>
            {
                s.RuleFor(x => x.Name).Matches("^[a-z0-9][a-z0-9._-]{0,62}$");
                s.RuleFor(x => x.Groups).MustBeGroupNames();
            });
            RuleForEach(c => c.AiAgents).ChildRules(a =>
            {
                a.RuleFor(x => x.Name).Matches("^[a-z0-9][a-z0-9._-]{0,62}$");
                a.RuleFor(x => x.OnBehalfOf).NotEmpty();
                a.RuleFor(x => x.Groups).MustBeGroupNames();
            });
            RuleForEach(c => c.Agents).ChildRules(a => a.RuleFor(x => x.Name).Matches("^[a-z0-9][a-z0-9-]{0,62}$"));
        }
    }

    internal sealed class Handler(
        WeirDbContext db,
        ActorScope scope,
        OrganizationLookup lookup,
        OrganizationKeyFactory keys,
        GroupAssignment groups,
        EnrollmentTokens enrollment,
        ChangeJournal journal,
        TimeProvider time) : IRequestHandler<Command, Response>
    {
        public async ValueTask<Response> Handle(Command request, CancellationToken cancellationToken)
        {
            await EnterOrganizationAsync(request.Organization, cancellationToken);
            var tokens = new Dictionary<string, string>(StringComparer.Ordinal);
            var administrator = await EnsureAsync(request.Administrator.Email, n => Principal.User(Here, NewId(), n, n, Now), request.Administrator.Groups, cancellationToken);
            administrator.SetRoles(administrator.Roles | Roles.Administrator);
            await EnsureLoginAsync(administrator, request.Administrator.Password, cancellationToken);

            tokens.Add(administrator.Name, MakeToken(administrator));
            foreach (var user in request.Users ?? [])
            {
                var principal = await EnsureAsync(user.Email, n => Principal.User(Here, NewId(), n, user.Name ?? n, Now), user.Groups, cancellationToken);
                await EnsureLoginAsync(principal, user.Password, cancellationToken);
                if (user.Token)
                {
                    tokens[principal.Name] = MakeToken(principal);
                }
            }

            foreach (var account in request.ServiceAccounts ?? [])
            {
                var principal = await EnsureAsync(account.Name, n => Principal.ServiceAccount(Here, NewId(), n, Now), account.Groups, cancellationToken);
                if (account.Token)
                {
                    tokens[principal.Name] = MakeToken(principal);
                }
            }

            foreach (var ai in request.AiAgents ?? [])
            {
                var owner = Principal.NormalizeName(ai.OnBehalfOf);
                var user = await db.Principals.SingleOrDefaultAsync(p => p.Name == owner && p.Kind == PrincipalKind.User, cancellationToken)
                    ?? throw new ValidationFailedException("aiAgents.onBehalfOf", $"There is no user \"{owner}\".");
                var principal = await EnsureAsync(ai.Name, n => Principal.AiAgent(Here, NewId(), n, user, Now), ai.Groups, cancellationToken);
                if (ai.Token)
                {
                    tokens[principal.Name] = MakeToken(principal);
                }
            }

            var enrollmentTokens = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var agent in request.Agents ?? [])
            {
                var (_, secret) = await enrollment.CreateAsync(Here, agent.Name, EnrollmentTtl, null, cancellationToken);
                enrollmentTokens.Add(agent.Name, secret.Text);
            }

            journal.Audit("organization.bootstrap", "organization", Here.ToString(), null, null, ("name", request.Organization));
            return new(Here.Value, tokens, enrollmentTokens);
        }

        private OrganizationId Here => scope.Organization!.Value;

        private DateTimeOffset Now => time.GetUtcNow();

        private PrincipalId NewId() => PrincipalId.New(Now);

        private async Task EnterOrganizationAsync(string name, CancellationToken cancellationToken)
        {
            if (await lookup.EnterByNameAsync(name, cancellationToken))
            {
                return;
            }

            var id = OrganizationId.New(Now);
            await lookup.EnterAsync(id, cancellationToken);
            db.Organizations.Add(new Organization(id, name, Now));
            db.OrganizationSettings.Add(new OrganizationSettings(id));
            db.OrganizationKeys.Add(keys.Create(id, Now));
            db.Counters.Add(new OrganizationCounters(id));
            await db.SaveChangesAsync(cancellationToken);
        }

        private async Task<Principal> EnsureAsync(string name, Func<string, Principal> create, IReadOnlyList<string>? memberOf, CancellationToken cancellationToken)
        {
            var normalized = Principal.NormalizeName(name);
            var principal = await db.Principals.SingleOrDefaultAsync(p => p.Name == normalized, cancellationToken);
            if (principal is null)
            {
                principal = create(normalized);
                db.Principals.Add(principal);
                await groups.ReplaceAsync(Here, principal.Id, memberOf ?? [], MembershipSource.Local, cancellationToken);
                journal.Audit("principal.create", "principal", principal.Id.ToString(), null, null, ("name", normalized), ("kind", WireName.Of(principal.Kind)), ("groups", string.Join(',', memberOf ?? [])));

                // Later ones look for it, and for its groups.
                await db.SaveChangesAsync(cancellationToken);
            }

            return principal;
        }

        private async Task EnsureLoginAsync(Principal principal, string? password, CancellationToken cancellationToken)
        {
            if (password is not null && !await db.LocalLogins.AnyAsync(l => l.PrincipalId == principal.Id, cancellationToken))
            {
                db.LocalLogins.Add(new LocalLogin(Here, principal.Id, PasswordHash.Create(password), Now));
            }
        }

        private string MakeToken(Principal principal)
        {
            var secret = BearerSecret.Create(BearerSecret.ApiTokenPrefix);
            var token = new ApiToken(Here, ApiTokenId.New(Now), principal.Id, "bootstrap", secret.ShownPrefix, secret.Hash, Now, Now + TokenTtl);
            db.ApiTokens.Add(token);
            journal.Audit("token.create", "token", token.Id.ToString(), null, null, ("principal", principal.Name), ("name", token.Name));
            return secret.Text;
        }
    }
}
