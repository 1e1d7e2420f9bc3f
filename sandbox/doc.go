// Package sandbox imitates the Tallyfy guest API: an [http.Handler] over guests kept in memory, for rehearsals, demos and
// tests. It knows the calls, record shapes, validation errors, limits and accidents that a client has to cope with, and
// it keeps an account of what the client did.
//
// # Calls
//
//	POST   /organizations/{org}/guests                  create      201
//	GET    /organizations/{org}/guests                  list        200
//	GET    /organizations/{org}/guests/{email}          get         200 (201 with Legacy)
//	PUT    /organizations/{org}/guests/{email}          update      201, associated_members only
//	DELETE /organizations/{org}/guests/{email}          delete      200, 422 for an unknown guest
//	DELETE /organizations/{org}/guests/{email}/disable  disable     200
//	PUT    /organizations/{org}/guests/{email}/enable   enable      200, with a new link
//	GET    /organizations/{org}/users                   members     200
//	POST   /oauth/token                                 token       200, see Signing in
//	POST   /applications/{org}/users/{email}/token      user-token  200, see Signing in
//
// A leading /api is taken off, so both a base URL with and one without it work. The email is a percent-encoded path segment.
// Two emails are the same guest when they are equal after trimming, Unicode NFC and lower-casing.
//
// # Headers
//
// Every call but token needs three: without "X-Tallyfy-Client: APIClient" the answer is 404 ENDPOINT_NOT_FOUND, without
// "Accept: application/json" a redirect to a login page, without the right bearer token 401. A body without
// "Content-Type: application/json" counts as empty.
//
// # Signing in
//
// A personal token is Options.Token or, where neither that nor Options.Clients is set, any that was not issued here. It acts
// as the first member and has no end of its own.
//
// The call token, also under /api, gives an application token for client credentials: grant_type, client_id and
// client_secret in a form, never in JSON or the query (400 unsupported_grant_type). HTTP basic authentication will do for
// the last two; it is taken as it stands, not unescaped. A client that is not among Options.Clients, or without any of
// those one whose id is no number, gets 401 invalid_client. No scope is looked at. An application token acts as the first
// member too; with Options.UserContext guests and members are 403 to it.
//
// The call user-token exchanges an application token, and no other (403), for a user token, which acts as the member with
// that email; 404 for somebody else.
//
// Both tell in expires_in how many whole seconds the token lives: Options.TokenLife and Options.UserTokenLife. From then on
// it is answered 401, as is one ended by [Sandbox.KillTokens] or [Sandbox.LogOut].
//
// # Create
//
// The fifteen documented fields are checked with simple rules of the sandbox's own, which refuse what is grossly wrong and
// wave odd things through. All other keys are ignored and answered with 201, as the server does, but counted:
// [Sandbox.UnknownKeys]. What is stored is what was sent, a blank value as null. An email that is a guest already
// is answered with 201 and the record as it stood; [Sandbox.Twice] names it. A member's email is refused with 422.
//
// # Lists
//
// q (part of the email), sort or sort_by (id, email, created_at, first_name, last_name, company_name, last_accessed_at; "-"
// in front: descending; anything else: created_at), per_page, page, without_pagination, with=stats. Guests with equal
// sort values stand in the order in which they were added. No list is slower for a larger store, except with q.
//
// # Classes
//
// A class is the name of one call as above, or a group: "read" (get, list, members), "write" (create, update, delete, disable,
// enable), "invite" (create, which sends an invitation), "all" (read and write), "sign-in" (token, user-token). Signing in is
// not among all, since the server counts it apart: the limit is per signed-in user. Limits, faults and counts speak of
// classes.
//
// # Limits
//
// A [Limit] is a window of fixed length that begins with the first call counted in it. Calls over it get 429 with
// Retry-After; those do not count, all other authorized calls do, whatever their answer, and so does every call of token.
// X-RateLimit-Limit and -Remaining tell of the tightest limit that the call falls under. Limits of the class "invite" are
// told by their 429 only, as the server's hourly invite cap is.
//
// # Faults
//
// A [Fault] strikes a share of the calls of its class; see [Faults] for the kinds. Which ones is drawn from Seed, so that a run
// with one call at a time meets the same faults again. Only calls that are authorized and within the limits are struck.
//
// # Legacy
//
// With Options.Legacy records have the older shape: string ids, names and created_at and updated_at inside details, ISO
// 8601 dates, no link; POST takes associated_members, and an email that is a guest already is refused with 422.
//
// # Account
//
// [Sandbox.Log] and [Sandbox.Calls] tell every request with its status; [Sandbox.Changes] how often a change of one guest
// came through, and [Sandbox.Creates] a create. [Sandbox.Guests], [Sandbox.Guest], [Sandbox.Put] and [Sandbox.Delete] look
// into the store and change it behind the client's back, and Options.OnRequest does so at the right moment. Log, counts and
// tokens grow with the calls.
package sandbox
