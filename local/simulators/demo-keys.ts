// Credentials of the simulated providers. They open nothing but the simulators on this machine; real accounts refuse them.

/** The restricted key the demo merchant connects: only what a sale and its refund need. */
export const demoStripeKey = "rk_test_gigbridge_demo_lees_car_wash_0001";

/** A full secret key of the same simulated account, for checks that compare both kinds. */
export const demoStripeSecretKey = "sk_test_gigbridge_demo_lees_car_wash_0001";

/** A key of the same account that may only read: what a merchant pastes by mistake. */
export const demoStripeReadOnlyKey = "rk_test_gigbridge_demo_read_only_0001";

/** A full key of another merchant's account: nothing of the first may be seen with it. */
export const otherStripeSecretKey = "sk_test_gigbridge_other_merchant_0001";

export const demoStripeAccount = "acct_1GigBridgeLees";
export const otherStripeAccount = "acct_1GigBridgeOther";

/** The simulated Twilio account. `from` is the number Twilio's own test credentials accept. */
export const demoTwilio = {
  accountSid: "ACsimulated00000000000000000000001",
  authToken: "simulated-twilio-auth-token-0001",
  from: "+15005550006",
  messagingServiceSid: "MGsimulated00000000000000000000001",
} as const;
