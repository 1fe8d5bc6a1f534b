/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Two reports of the environment, number by number.
 */
#include "lockwalk/mmu_run.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static void differ(json_t *differences, const char *name, const json_t *rtl, const json_t *model)
{
    json_t *one = json_object();

    json_object_set_new(one, "name", json_string(name));
    json_object_set_new(one, "rtl", rtl != NULL ? json_deep_copy(rtl) : json_null());
    json_object_set_new(one, "model", model != NULL ? json_deep_copy(model) : json_null());
    json_array_append_new(differences, one);
}

/* `name`: of this object, with a dot at its end where it is inside another. */
static unsigned compare(const json_t *rtl, const json_t *model, const char *name, json_t *differences)
{
    unsigned compared = 0;
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)model, key, value)
    {
        const json_t *other = json_object_get(rtl, key);
        char full[128];

        if (strcmp(key, "judge") == 0)
            continue;
        snprintf(full, sizeof full, "%s%s", name, key);
        if (json_is_object(value) && json_is_object(other)) {
            snprintf(full, sizeof full, "%s%s.", name, key);
            compared += compare(other, value, full, differences);
            continue;
        }
        if (!json_equal(value, other))
            differ(differences, full, other, value);
        compared += other != NULL;
    }
    json_object_foreach((json_t *)rtl, key, value)
    {
        char full[128];

        if (strcmp(key, "judge") == 0 || json_object_get(model, key) != NULL)
            continue;
        snprintf(full, sizeof full, "%s%s", name, key);
        differ(differences, full, value, NULL);
    }
    return compared;
}

unsigned mmu_run_correlate(const struct json_t *rtl, const struct json_t *model, struct json_t *differences)
{
    return compare(rtl, model, "", differences);
}
