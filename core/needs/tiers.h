/* What the tiers ask of a need (docs/method.md, section 11): for whoever decides and whoever explains. */
#ifndef EW_NEEDS_TIERS_H
#define EW_NEEDS_TIERS_H

#define EW_TIER_FDR .10         /* false discovery rate: the q of confirmed, at most */
#define EW_TIER_NEAR .20        /* and of watch */
#define EW_TIER_STABILITY .75
#define EW_TIER_FAMILIES 5
#define EW_TIER_SHARE .5        /* of one customer, day or source, at most */
#define EW_TIER_USUAL 2         /* so many times its usual share, a source may have more */
#define EW_TIER_STRONG 2.302585 /* tail score of watch: a tenth of a decoy group expected */

#endif
