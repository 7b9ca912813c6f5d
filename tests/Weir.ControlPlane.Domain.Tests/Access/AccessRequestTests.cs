using Weir.ControlPlane.Domain.Access;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Domain.Tests.Access;

public sealed class AccessRequestTests
{
    private static readonly DateTimeOffset _later = Samples.Now.AddMinutes(1);

    [Fact]
    public void The_last_approval_makes_a_grant_that_starts_then_and_lasts_as_long_as_asked()
    {
        var request = Samples.Request();
        var id = GrantId.New(_later);

        var grant = request.Approve(Samples.Approver(), "ok", id, _later).ShouldNotBeNull();

        request.Status.ShouldBe(AccessRequestStatus.Approved);
        request.GrantId.ShouldBe(id);
        grant.PrincipalId.ShouldBe(request.PrincipalId);
        grant.Connection.ShouldBe("orders");
        grant.Access.ShouldBe(AccessLevel.Write);
        grant.StartsAt.ShouldBe(_later);
        grant.EndsAt.ShouldBe(_later.AddHours(2));
    }

    [Fact]
    public void Two_approvals_come_from_two_people_and_the_first_makes_no_grant()
    {
        var request = Samples.Request(approvals: 2);
        var first = Samples.Approver();

        request.Approve(first, null, GrantId.New(_later), _later).ShouldBeNull();
        request.Status.ShouldBe(AccessRequestStatus.Pending);
        Should.Throw<ApprovalRefusedException>(() => request.Approve(first, null, GrantId.New(_later), _later));
        request.Approve(Samples.Approver(), null, GrantId.New(_later), _later).ShouldNotBeNull();
    }

    [Fact]
    public void Nobody_approves_their_own_request()
    {
        var asker = Samples.User();
        var request = Samples.Request(asker);

        Should.Throw<ApprovalRefusedException>(() => request.Approve(Samples.ApproverOf(asker), null, GrantId.New(_later), _later));
        Should.Throw<ApprovalRefusedException>(() => request.Reject(Samples.ApproverOf(asker), null, _later));
        request.Status.ShouldBe(AccessRequestStatus.Pending);
    }

    [Fact]
    public void A_user_does_not_approve_what_the_ai_agent_that_acts_for_them_asks_for()
    {
        var user = Samples.User();
        var request = Samples.Request(Samples.AiAgent(user));

        Should.Throw<ApprovalRefusedException>(() => request.Approve(Samples.ApproverOf(user), null, GrantId.New(_later), _later));
    }

    [Theory]
    [InlineData(PrincipalKind.AiAgent)]
    [InlineData(PrincipalKind.ServiceAccount)]
    public void A_machine_approves_nothing(PrincipalKind kind) =>
        Should.Throw<ApprovalRefusedException>(() => Samples.Request().Approve(Samples.Approver(kind: kind), null, GrantId.New(_later), _later));

    [Fact]
    public void Only_members_of_the_approving_groups_decide() =>
        Should.Throw<ApprovalRefusedException>(() => Samples.Request().Reject(Samples.Approver("engineers"), null, _later));

    [Fact]
    public void A_decided_request_is_never_decided_again()
    {
        var approved = Samples.Request();
        approved.Approve(Samples.Approver(), null, GrantId.New(_later), _later);
        RefusesEveryStep(approved, "approved");

        var rejected = Samples.Request();
        rejected.Reject(Samples.Approver(), "no", _later);
        RefusesEveryStep(rejected, "rejected");

        var withdrawn = Samples.Request();
        withdrawn.Withdraw(withdrawn.PrincipalId, "dev", _later);
        RefusesEveryStep(withdrawn, "withdrawn");

        var expired = Samples.Request();
        expired.Expire(expired.ExpiresAt);
        RefusesEveryStep(expired, "expired");
    }

    [Fact]
    public void Only_the_one_who_asked_withdraws() =>
        Should.Throw<ApprovalRefusedException>(() => Samples.Request().Withdraw(PrincipalId.New(_later), "other", _later));

    [Fact]
    public void It_lapses_when_it_is_due_and_is_not_decided_from_then_on()
    {
        var request = Samples.Request();
        Should.Throw<IllegalTransitionException>(() => request.Expire(request.ExpiresAt.AddTicks(-1)));
        Should.Throw<IllegalTransitionException>(() => request.Approve(Samples.Approver(), null, GrantId.New(_later), request.ExpiresAt)).State.ShouldBe("expired");
    }

    [Fact]
    public void A_request_for_no_time_or_without_approvals_is_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => Samples.Request(approvals: 0));
        Should.Throw<ArgumentOutOfRangeException>(() => new AccessRequest(
            Samples.Organization, AccessRequestId.New(_later), Samples.User(), "orders", AccessLevel.Read, TimeSpan.Zero, null, new AccessRequestRules("r", ["dba"], 1), _later, _later));
    }

    private static void RefusesEveryStep(AccessRequest request, string state)
    {
        Should.Throw<IllegalTransitionException>(() => request.Approve(Samples.Approver(), null, GrantId.New(_later), _later)).State.ShouldBe(state);
        Should.Throw<IllegalTransitionException>(() => request.Reject(Samples.Approver(), null, _later));
        Should.Throw<IllegalTransitionException>(() => request.Withdraw(request.PrincipalId, "dev", _later));
        Should.Throw<IllegalTransitionException>(() => request.Expire(request.ExpiresAt));
    }
}
